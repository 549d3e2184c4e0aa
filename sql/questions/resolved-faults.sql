-- Which faults of the month before are resolved?
select agency, period, severity, rule, field, count(*) as findings
from changes_since_month
semi join latest_runs using (run_id)
where state = 'resolved' and severity <> 'scope' and ($agency::varchar is null or agency = $agency) and ($period::varchar is null or period = $period)
group by all
order by agency, period, findings desc, rule
