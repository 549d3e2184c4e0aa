-- The latest landed run of each agency and month. A later run that was blocked does not replace it.
create or replace temp view landed_runs as
select run_id, agency, period, (period || '-01')::date as first_day, last_day((period || '-01')::date) as last_day
from runs
where status = 'landed'
qualify row_number() over (partition by agency, period order by run_number desc) = 1;
