-- Which rules keep interventions from being sent, and how many would be sent without each?
select agency, period, rule, owner, cause_entity, only_this, this_and_others, fault
from rows_lost
where ($agency::varchar is null or agency = $agency) and ($period::varchar is null or period = $period)
order by agency, period, this_and_others desc, rule
