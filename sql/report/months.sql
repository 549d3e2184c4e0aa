-- The interventions of the agency in the run's month and the twelve months before it, with the latest run of each.
-- A month without a run has no counts. `could_be_sent` of a blocked month would have been sent.
with this as (
    select agency, period, strptime(period, '%Y-%m')::date as month
    from runs
    where run_id = $run
),
shown as (
    select runs.*
    from runs
    where run_id = $run
    union all
    select latest_runs.*
    from latest_runs
    join this on latest_runs.agency is not distinct from this.agency and latest_runs.period < this.period
),
calendar as (
    select strftime(unnest(generate_series(
        greatest(month - interval 12 month, (select strptime(min(period), '%Y-%m') from shown)), month, interval 1 month
    )), '%Y-%m') as period
    from this
),
not_sent as (
    select
        run_id,
        count(*) filter (outcome = 'rejected') as rejected,
        count(*) filter (outcome = 'withheld') as withheld,
        count(*) filter (outcome in ('out_of_scope', 'dropped')) as not_own
    from internal.recorded_outcomes
    where entity = 'intervention' and outcome <> 'sent' and run_id in (select run_id from shown)
    group by run_id
)
select
    calendar.period,
    shown.run_id,
    shown.status,
    len(shown.provisional_lists) as provisional_lists,
    shown.interventions_in - coalesce(not_own, 0) as own,
    own - coalesce(rejected, 0) - coalesce(withheld, 0) as could_be_sent,
    if(own is null, null, coalesce(rejected, 0)) as rejected,
    if(own is null, null, coalesce(withheld, 0)) as withheld,
    round(100.0 * could_be_sent / nullif(own, 0), 1) as percent
from calendar
left join shown using (period)
left join not_sent using (run_id)
order by calendar.period;
