-- Every finding with what makes it the same finding in another run: its identity, and its number among equal ones.
-- Findings of records without an id can be equal; a keyed hash distinguishes masked ids.
create or replace view internal.identified_findings as
with with_identity as (
    select
        *,
        concat_ws(
            '|', entity, coalesce(client_id, '-'), coalesce(episode_id, '-'), coalesce(intervention_id, '-'),
            coalesce(masked_ids, '-'), rule
        ) as identity
    from findings
)
select *, row_number() over (partition by run_id, identity order by row, source_line, value) as occurrence
from with_identity;
