-- How often each field is populated and understood.
select field, records, populated, understood
from completeness
where run_id = $run;
