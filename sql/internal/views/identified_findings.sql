-- Every finding with what makes it the same finding in another run: its identity.
-- A keyed hash distinguishes masked ids.
create or replace view internal.identified_findings as
select
    *,
    concat_ws(
        '|', entity, coalesce(client_id, '-'), coalesce(episode_id, '-'), coalesce(intervention_id, '-'),
        coalesce(masked_ids, '-'), rule
    ) as identity
from main.findings;
