-- Records of the last run by outcome; a blocked run has would_be_sent in place of sent.
with records_read as (
    select run_id, 'client' as entity, clients_in as records from last_runs
    union all
    select run_id, 'episode', episodes_in from last_runs
    union all
    select run_id, 'intervention', interventions_in from last_runs
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
    semi join last_runs using (run_id)
    where outcome <> 'sent'
    group by run_id, entity
),
counted as (
    select
        last_runs.agency,
        last_runs.period,
        records_read.entity,
        unnest([
            {
                'outcome': case last_runs.status when 'landed' then 'sent' else 'would_be_sent' end,
                'value': records - coalesce(rejected + withheld + out_of_scope + dropped, 0)
            },
            {'outcome': 'rejected', 'value': coalesce(rejected, 0)},
            {'outcome': 'withheld', 'value': coalesce(withheld, 0)},
            {'outcome': 'out_of_scope', 'value': coalesce(out_of_scope, 0)},
            {'outcome': 'dropped', 'value': coalesce(dropped, 0)}
        ], recursive := true)
    from records_read
    join last_runs using (run_id)
    left join not_sent using (run_id, entity)
    where records is not null
)
select agency, period, entity, outcome, value
from counted
order by agency, entity, outcome;
