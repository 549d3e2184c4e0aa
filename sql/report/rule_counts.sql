-- How many rules the run applied, and how many of them had no answer for at least one record.
select count(*) as rules, count(*) filter (errored > 0) as without_answer
from internal.run_rules
where run_id = $run;
