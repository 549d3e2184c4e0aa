-- The rules of the file that block the run.
select
    rule,
    truth,
    coalesce('Found: ' || value || '.', '') as found
from found
join run_rules using (run_id, rule)
where run_id = $run and severity = 'file'
order by rule;
