-- Per rule and entity of the latest runs: the interventions that a fault keeps from being sent.
-- An intervention with several faults counts for each of them, but in `only_this` for none.
create or replace view rows_lost as
with by_intervention as (
    select run_id, row, count(distinct rule) = 1 as has_one_fault
    from internal.lost_rows
    group by run_id, row
)
select
    lost_rows.run_id,
    latest_runs.agency,
    latest_runs.period,
    lost_rows.rule,
    run_rules.field,
    run_rules.owner,
    lost_rows.cause_entity,
    run_rules.fault,
    run_rules.fix,
    count(distinct lost_rows.row) filter (has_one_fault) as only_this,
    count(distinct lost_rows.row) as this_and_others
from internal.lost_rows
join by_intervention using (run_id, row)
join latest_runs using (run_id)
join internal.run_rules using (run_id, rule)
group by all;
