-- Findings that are new, persist or are resolved since the agency's previous run: what the last correction changed.
create or replace view changes_since_run as
select *
from changes;
