-- The findings against the last submission: what was sent then, and what would be sent now.
create or replace view mismatches as
select *
from findings
where old_value is not null or new_value is not null;
