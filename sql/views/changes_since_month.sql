-- Findings that are new, persist or are resolved since the latest run of the month before, also after a repeated run.
create or replace view changes_since_month as
select * exclude (since)
from internal.compared_findings
where since = 'month';
