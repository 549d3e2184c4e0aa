-- Every finding with its identity and its number among equal ones: findings of records without an id can be equal.
create or replace view internal.counted_findings as
select *, row_number() over (partition by run_id, identity order by row, source_line, value) as occurrence
from internal.identified_findings;
