-- Compares the findings of each run with those of the agency's previous run: new, persisting or resolved.
-- The previous run is the latest one at the time for the same period, else for the latest earlier period.
create or replace view changes as
select * exclude (since)
from internal.compared_findings
where since = 'run';
