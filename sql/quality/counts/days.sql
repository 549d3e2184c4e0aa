-- The day of the month with the most discharges and ends; and of all dates in the file, how many are after the 12th.
-- A day and a month that were swapped leave no date after the 12th.
with closed as (
    select 'DISD' as field, DISD as day, count(*) as value from discharged group by all
    union all
    select 'MODEND', MODEND, count(*) from ended group by all
),
dates as (
    select 'RECPDT' as field, RECPDT as day from episodes
    union all
    select 'TRIAGED', TRIAGED from episodes
    union all
    select 'DISD', DISD from episodes
    union all
    select 'EXITD', EXITD from episodes
    union all
    select 'MODST', MODST from interventions
    union all
    select 'MODEND', MODEND from interventions
    union all
    select 'DOB', DOB from clients
)
select 'most on a day' as measure, field, '' as subject, max(value) as value from closed group by all
union all
select 'day', field, arg_max(day, (value, day)), max(value) from closed group by all
union all
select 'after the 12th', field, '', count(*) filter (right(day, 2) > '12') from dates where day is not null group by all
union all
select 'dates', field, '', count(*) from dates where day is not null group by all;
