-- All findings, per rule.
select rule, severity, findings, records
from rule_summary
where run_id = $run
order by findings desc, rule;
