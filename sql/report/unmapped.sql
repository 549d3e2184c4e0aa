-- Source values that fitted no code, and sectors in no directory.
select field, value, records, since
from unmapped
where run_id = $run
order by records desc, field, value;
