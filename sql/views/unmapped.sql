-- Source values that match no code and postcode sectors in no directory, with the month each first occurred.
create or replace view unmapped as
with first_seen as (
    select
        runs.agency,
        unmapped_values.field,
        unmapped_values.value,
        min(runs.period) as since
    from internal.unmapped_values
    join runs using (run_id)
    group by all
)
select
    unmapped_values.run_id,
    runs.agency,
    runs.period,
    unmapped_values.field,
    unmapped_values.value,
    unmapped_values.records,
    first_seen.since
from internal.unmapped_values
join runs using (run_id)
join first_seen
    on first_seen.agency is not distinct from runs.agency
    and first_seen.field = unmapped_values.field
    and first_seen.value = unmapped_values.value;
