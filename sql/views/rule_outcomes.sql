-- Per run and rule of records: the four verdicts, which add up to the number of records the rule saw.
create or replace view rule_outcomes as
select
    run_rules.run_id,
    runs.agency,
    runs.period,
    run_rules.rule,
    run_rules.passed,
    run_rules.failed,
    run_rules.not_applicable,
    run_rules.errored
from internal.run_rules
join runs using (run_id)
where run_rules.passed is not null;
