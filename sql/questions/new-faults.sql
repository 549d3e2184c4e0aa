-- Which faults on the agency's own records are new since the month before?
select agency, period, severity, rule, field, count(*) as findings
from changes_since_month
semi join latest_runs using (run_id)
where state = 'new' and severity <> 'scope' and ($agency::varchar is null or agency = $agency) and ($period::varchar is null or period = $period)
group by all
order by agency, period, findings desc, rule
