-- The inputs and outputs of the run.
select item, name, digest
from manifest
where run_id = $run
order by item, name;
