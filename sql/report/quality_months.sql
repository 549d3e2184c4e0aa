-- The months of what is unusual, where it is a volume or a number of days, to draw next to its usual limits.
-- A month that counted none of it has no count, so the number of this month is that of the warning.
with drawn as (
    select
        *,
        case
            when check_name = 'volume' then 'volume'
            -- The other warnings about intervals are about how many there are.
            when check_name = 'interval' and text like 'The median %' then 'median days'
        end as measure
    from quality
    where run_id = $run
)
select drawn.place, runs.period, month_counts.value
from drawn
join month_counts using (measure, field, subject)
join runs on runs.run_id = month_counts.run_id
where list_contains($months, month_counts.run_id) and month_counts.run_id <> $run
union all
select place, period, found
from drawn
where measure is not null
order by place, period;
