-- For each run and rule that looks at records: its four verdicts, which add up to the records it saw.
create or replace view rule_outcomes as
select run_id, rule, passed, failed, not_applicable, errored
from run_rules
where passed is not null;
