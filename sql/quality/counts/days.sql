-- The day of the month with the most discharges and ends; and of all dates in the file, how many are after the 12th.
-- A day and a month that were swapped leave no date after the 12th.  The table dates has the dates of the whole file.
with closed as (
    select 'DISD' as field, DISD as day, count(*) as value from discharged group by all
    union all
    select 'MODEND', MODEND, count(*) from ended group by all
)
select 'most on a day' as measure, field, '' as subject, max(value) as value from closed group by all
union all
select 'day', field, arg_max(day, (value, day)), max(value) from closed group by all
union all
select 'after the 12th', field, '', coalesce(sum(records) filter (right(day, 2) > '12'), 0) from dates group by all
union all
select 'dates', field, '', sum(records) from dates group by all;
