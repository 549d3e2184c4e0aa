-- Which rules are broken at least five points more often than in the month before?
select agency, period, rule, severity, percent_failed_before, percent_failed
from rule_trend
where percent_failed >= percent_failed_before + 5 and ($agency::varchar is null or agency = $agency) and ($period::varchar is null or period = $period)
order by agency, period, rule
