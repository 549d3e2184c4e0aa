-- The records of a client, sent or not: run, entity and row. `$hash` is the keyed hash of the client's id, which is all
-- that the audit has of an id that it must not store.
with own_runs as (
    select run_id from runs where agency is not distinct from $agency
),
clients as (
    select run_id, row from internal.sent_clients where "CLIENTID" = $client
    union
    select run_id, row from internal.recorded_outcomes where entity = 'client' and client_id = $client
    union
    select run_id, row from internal.found where entity = 'client' and masked_ids = $hash
),
episodes as (
    select sent_episodes.run_id, sent_episodes.row
    from internal.sent_episodes
    join clients on clients.run_id = sent_episodes.run_id and clients.row = sent_episodes.client_row
    union
    select run_id, row from internal.recorded_outcomes where entity = 'episode' and client_id = $client
    union
    select recorded.run_id, recorded.row
    from internal.recorded_outcomes as recorded
    join clients on clients.run_id = recorded.run_id and clients.row = recorded.cause_row
    where recorded.entity = 'episode' and recorded.cause_entity = 'client'
),
interventions as (
    select sent_interventions.run_id, sent_interventions.row
    from internal.sent_interventions
    join episodes on episodes.run_id = sent_interventions.run_id and episodes.row = sent_interventions.episode_row
    union
    select run_id, row from internal.recorded_outcomes where entity = 'intervention' and client_id = $client
    union
    select recorded.run_id, recorded.row
    from internal.recorded_outcomes as recorded
    join clients on clients.run_id = recorded.run_id and clients.row = recorded.cause_row
    where recorded.entity = 'intervention' and recorded.cause_entity = 'client'
)
select run_id, 'client' as entity, row from clients semi join own_runs using (run_id)
union all
select run_id, 'episode', row from episodes semi join own_runs using (run_id)
union all
select run_id, 'intervention', row from interventions semi join own_runs using (run_id)
order by all
