-- Per agency and month: whether a submission has landed, how the last run ended, and what was sent.
-- A month that has landed stays landed when it is run again without success; `last_run_status` shows that.
create or replace view status as
with months as (
    select
        agency,
        period,
        arg_max(status, run_number) as last_run_status,
        arg_max(run_id, run_number) as last_run_id,
        max(finished_at) as last_run_at,
        arg_max(run_id, run_number) filter (status = 'landed') as landed_run_id,
        count(*) as runs
    from runs
    where agency is not null
    group by agency, period
),
rates as (
    select
        run_id,
        interventions_in - count(recorded_outcomes.row) filter (outcome in ('out_of_scope', 'dropped')) as own
    from runs
    left join internal.recorded_outcomes using (run_id)
    where status = 'landed' and (recorded_outcomes.entity = 'intervention' or recorded_outcomes.entity is null)
    group by run_id, interventions_in
)
select
    coalesce(months.landed_run_id, months.last_run_id) as run_id,
    months.agency,
    months.period,
    case when months.landed_run_id is null then months.last_run_status else 'landed' end as status,
    months.last_run_status,
    months.last_run_at,
    runs.finished_at as landed_at,
    coalesce(runs.rows_sent, 0) as rows_sent,
    coalesce(rates.own, runs.interventions_in) as own_interventions,
    round(100.0 * runs.rows_sent / nullif(own_interventions, 0), 1) as percent_sent,
    coalesce(len(runs.provisional_lists), 0) as provisional_lists,
    months.runs
from months
left join runs on runs.run_id = months.landed_run_id
left join rates on rates.run_id = months.landed_run_id;
