-- The run of the month before that findings are compared with; null for a first month.
select earlier_run_id as run_id, (select period from runs where runs.run_id = earlier_run_id) as period
from internal.compared_runs
where run_id = $run and since = 'month';
