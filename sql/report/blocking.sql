-- The rules of the file that block the run, or would without a reason for landing it, and how often each is broken.
select
    rule,
    fault,
    fix,
    coalesce('Found: ' || value || '.', '') as found,
    count(*) as findings
from internal.found
join internal.run_rules using (run_id, rule)
where run_id = $run and severity = 'file'
group by rule, fault, fix, value
order by rule, value;
