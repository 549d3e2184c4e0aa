-- What is unusual about the month, most unusual first. `warnings` is how many there are.
select place, check_name, field, subject, found, expected, score, text, count(*) over () as warnings
from quality
where run_id = $run
order by place
limit 20;
