-- The worklist for the portal: the value in the previous submission, the value to send now, and the choice to make.
create or replace view mismatches as
select findings.*, run_rules.choice
from findings
join internal.run_rules using (run_id, rule)
where findings.against_last;
