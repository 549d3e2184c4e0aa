-- How many rejected interventions have none but these faults: they are sent once all of these are corrected.
select count(*) as interventions
from (
    select row
    from internal.lost_rows
    where run_id = $run
    group by row
    having bool_and(list_contains($rules, rule))
);
