-- Per month and entity of the latest runs: the agency's own records and their outcomes.
-- A blocked run has sent nothing: what it would have sent has a column of its own.
create or replace view month_rates as
with records_read as (
    select run_id, 'client' as entity, clients_in as records from runs
    union all
    select run_id, 'episode', episodes_in from runs
    union all
    select run_id, 'intervention', interventions_in from runs
),
not_sent as (
    select
        run_id,
        entity,
        count(*) filter (outcome = 'rejected') as rejected,
        count(*) filter (outcome = 'withheld') as withheld,
        count(*) filter (outcome = 'out_of_scope') as out_of_scope,
        count(*) filter (outcome = 'dropped') as dropped
    from internal.recorded_outcomes
    where outcome <> 'sent'
    group by run_id, entity
),
counted as (
    select
        records_read.run_id,
        records_read.entity,
        records_read.records,
        coalesce(rejected, 0) as rejected,
        coalesce(withheld, 0) as withheld,
        coalesce(out_of_scope, 0) as out_of_scope,
        coalesce(dropped, 0) as dropped,
        records_read.records - coalesce(rejected + withheld + out_of_scope + dropped, 0) as could_be_sent
    from records_read
    left join not_sent using (run_id, entity)
)
select
    counted.run_id,
    latest_runs.agency,
    latest_runs.period,
    latest_runs.status,
    counted.entity,
    could_be_sent + rejected + withheld as own,
    case when latest_runs.status = 'landed' then could_be_sent else 0 end as sent,
    case when latest_runs.status = 'blocked' then could_be_sent else 0 end as would_be_sent,
    rejected,
    withheld,
    out_of_scope,
    dropped,
    round(100.0 * sent / nullif(own, 0), 1) as percent_sent
from counted
join latest_runs using (run_id);
