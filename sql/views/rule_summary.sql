-- Per run and rule with findings: the number of findings and of records they concern.
create or replace view rule_summary as
select
    found.run_id,
    runs.agency,
    runs.period,
    found.rule,
    run_rules.severity,
    count(*) as findings,
    count(distinct (found.entity, coalesce(found.row, -1))) as records
from internal.found
join internal.run_rules using (run_id, rule)
join runs using (run_id)
group by all;
