-- Source values that match no code, and postcode sectors that are in no directory: the most frequent ones.
-- `values` is how many there are.
select field, value, records, since, count(*) over () as values
from unmapped
where run_id = $run
order by records desc, field, value
limit 40;
