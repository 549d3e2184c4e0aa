-- The last run of each agency that reached the audit, of whatever month and with whatever result.
create or replace temporary view last_runs as
select * replace (coalesce(agency, '') as agency)
from runs
qualify row_number() over (partition by agency order by run_number desc) = 1;
