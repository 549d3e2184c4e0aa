-- The records of a client, sent or not: run, entity and row. `$hash` is the keyed hash of the client's id, which is all
-- that the audit has of an id that it must not store.
with clients as (
    select run_id, row from internal.sent_clients where "CLIENTID" = $client
    union
    select run_id, row from internal.recorded_outcomes where entity = 'client' and client_id = $client
    union
    select run_id, row from internal.found where entity = 'client' and masked_ids = $hash
),
recorded as (
    select run_id, entity, row from internal.recorded_outcomes where client_id = $client
    union
    select outcomes.run_id, outcomes.entity, outcomes.row
    from internal.recorded_outcomes as outcomes
    join clients on clients.run_id = outcomes.run_id and clients.row = outcomes.cause_row
    where outcomes.cause_entity = 'client'
),
episodes as (
    select sent_episodes.run_id, sent_episodes.row
    from internal.sent_episodes
    join clients on clients.run_id = sent_episodes.run_id and clients.row = sent_episodes.client_row
    union
    select run_id, row from recorded where entity = 'episode'
),
records as (
    from recorded
    union
    select run_id, 'client', row from clients
    union
    select run_id, 'episode', row from episodes
    union
    select sent_interventions.run_id, 'intervention', sent_interventions.row
    from internal.sent_interventions
    join episodes on episodes.run_id = sent_interventions.run_id and episodes.row = sent_interventions.episode_row
)
from records
semi join (select run_id from runs where agency is not distinct from $agency) as own_runs using (run_id)
order by all
