-- Source values that match no code, and postcode sectors that are in no directory.
select field, value, records, since
from unmapped
where run_id = $run
order by records desc, field, value;
