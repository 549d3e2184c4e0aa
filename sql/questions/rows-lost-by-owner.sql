-- Whose faults keep interventions from being sent: data entry, the mapping or the code lists?
select latest_runs.agency, latest_runs.period, run_rules.owner, count(distinct lost_rows.row) as interventions
from internal.lost_rows
join latest_runs using (run_id)
join internal.run_rules using (run_id, rule)
where ($agency::varchar is null or latest_runs.agency = $agency) and ($period::varchar is null or latest_runs.period = $period)
group by all
order by latest_runs.agency, latest_runs.period, interventions desc, run_rules.owner
