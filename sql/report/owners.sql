-- Who can correct what keeps rows from being sent. An intervention with faults of several owners counts for each.
with owners_of_row as (
    select row, count(distinct owner) as owners
    from internal.lost_rows
    join internal.run_rules using (run_id, rule)
    where run_id = $run
    group by row
)
select
    owner,
    count(distinct row) as interventions,
    count(distinct row) filter (owners = 1) as only_theirs,
    count(distinct rule) as rules,
    count(distinct (cause_entity, cause_row, rule)) as faults
from internal.lost_rows
join internal.run_rules using (run_id, rule)
join owners_of_row using (row)
where run_id = $run
group by owner
order by interventions desc, owner;
