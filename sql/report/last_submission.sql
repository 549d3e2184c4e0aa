-- The run of the last submission that this run was compared with; no row for a first submission.
select name as run_id
from manifest
where run_id = $run and item = 'last submission';
