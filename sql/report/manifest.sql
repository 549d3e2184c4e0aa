-- What went in and came out.
select item, name, digest
from manifest
where run_id = $run
order by item, name;
