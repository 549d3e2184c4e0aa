-- Per run and rule of records: the four verdicts, which add up to the number of records the rule saw.
create or replace view rule_outcomes as
select run_id, rule, passed, failed, not_applicable, errored
from run_rules
where passed is not null;
