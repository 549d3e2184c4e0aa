-- The run that a list shows for each agency: that of the month asked for, otherwise of its latest month that has begun.
create or replace temp table listed_runs as
select run_id, agency, period, first_day, last_day, coalesce($as_of::date, last_day) as as_of
from landed_runs
where
    ($agency::varchar is null or agency = $agency)
    and ($period::varchar is null or period = $period)
    and ($as_of::date is null or first_day <= $as_of)
qualify period = max(period) over (partition by agency);
