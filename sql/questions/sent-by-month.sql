-- What share of the agency's own interventions was sent in each month?
select agency, period, status, own, sent, would_be_sent, rejected, withheld, percent_sent
from month_rates
where entity = 'intervention' and ($agency::varchar is null or agency = $agency) and ($period::varchar is null or period = $period)
order by agency, period
