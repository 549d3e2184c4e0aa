-- The findings against the last submission: what was sent then, and what would be sent now.
create or replace view mismatches as
select *
from findings
where against_last;
