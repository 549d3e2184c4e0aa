-- Which code lists in use are not the official ones?
select agency, period, unnest(provisional_lists) as code_list
from latest_runs
where ($agency::varchar is null or agency = $agency) and ($period::varchar is null or period = $period)
order by agency, period, code_list
