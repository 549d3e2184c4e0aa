-- How many interventions are lost through a fault of their client, their episode or their own?
select agency, period, cause_entity, count(*) as interventions
from rejected_rows
where entity = 'intervention' and outcome = 'rejected' and ($agency::varchar is null or agency = $agency) and ($period::varchar is null or period = $period)
group by all
order by agency, period, interventions desc
