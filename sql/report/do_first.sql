-- The faults that cost the most rows: the interventions that each helps to keep back, and since which month it does.
-- `months_shown` is how many of the months have a run, so that a fault as old as all of them is not given a start.
with months as (
    select run_id, period, row_number() over (order by period desc) as months_ago
    from runs
    where list_contains($months, run_id)
),
faults_now as (
    select row, count(distinct rule) as faults
    from internal.lost_rows
    where run_id = $run
    group by row
),
lost as (
    select rule, cause_entity, count(distinct row) as rows_lost, count(distinct row) filter (faults = 1) as only_this
    from internal.lost_rows
    join faults_now using (row)
    where run_id = $run
    group by rule, cause_entity
),
lost_by_month as (
    select distinct rule, cause_entity, months_ago, period
    from internal.lost_rows
    join months using (run_id)
    where list_contains($months, run_id)
),
streaks as (
    -- Months in a row, counted back from this one, have the same number as their place in the row.
    select rule, cause_entity, min(period) as since, count(*) as months
    from (
        select *, row_number() over (partition by rule, cause_entity order by months_ago) as place
        from lost_by_month
    )
    where place = months_ago
    group by rule, cause_entity
)
select
    rule,
    field,
    owner,
    cause_entity,
    fault,
    fix,
    rows_lost,
    only_this,
    since,
    months,
    (select count(*) from months) as months_shown
from lost
join streaks using (rule, cause_entity)
join internal.run_rules using (rule)
where run_id = $run
order by rows_lost desc, only_this desc, rule, cause_entity;
