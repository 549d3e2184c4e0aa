-- The current run per agency and month: the last one that landed or was blocked.
create or replace view latest_runs as
select *
from runs
where status in ('landed', 'blocked')
qualify row_number() over (partition by agency, period order by run_number desc) = 1;
