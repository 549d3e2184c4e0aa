-- How many episodes lack consent in each month?
select agency, period, episodes, without_consent, percent_with_consent
from consent_by_month
where ($agency::varchar is null or agency = $agency) and ($period::varchar is null or period = $period)
order by agency, period
