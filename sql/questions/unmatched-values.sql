-- Which values match no code, and since which month?
select agency, period, field, value, records, since
from unmapped
semi join latest_runs using (run_id)
where ($agency::varchar is null or agency = $agency) and ($period::varchar is null or period = $period)
order by agency, period, records desc, field, value
