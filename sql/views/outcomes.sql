-- Exactly one row per record read, with its ids, its outcome and the cause.
-- Sent records come from the sent_ tables, except those with a masked id.
create or replace view outcomes as
with sent as (
    select
        run_id,
        'client' as entity,
        row,
        "CLIENTID" as client_id,
        null as episode_id,
        null as intervention_id,
        source_file,
        source_line
    from internal.sent_clients
    union all
    select
        sent_episodes.run_id,
        'episode',
        sent_episodes.row,
        sent_clients."CLIENTID",
        sent_episodes."EPISODID",
        null,
        sent_episodes.source_file,
        sent_episodes.source_line
    from internal.sent_episodes
    join internal.sent_clients
        on sent_clients.run_id = sent_episodes.run_id
        and sent_clients.row = sent_episodes.client_row
    union all
    select
        sent_interventions.run_id,
        'intervention',
        sent_interventions.row,
        sent_clients."CLIENTID",
        sent_episodes."EPISODID",
        sent_interventions."MODID",
        sent_interventions.source_file,
        sent_interventions.source_line
    from internal.sent_interventions
    join internal.sent_episodes
        on sent_episodes.run_id = sent_interventions.run_id
        and sent_episodes.row = sent_interventions.episode_row
    join internal.sent_clients
        on sent_clients.run_id = sent_episodes.run_id
        and sent_clients.row = sent_episodes.client_row
)
select
    recorded.run_id,
    runs.agency,
    runs.period,
    recorded.entity,
    recorded.row,
    -- An older audit stores an outcome for every record here, but the ids of sent records only in the sent_ tables.
    coalesce(recorded.client_id, sent.client_id) as client_id,
    coalesce(recorded.episode_id, sent.episode_id) as episode_id,
    coalesce(recorded.intervention_id, sent.intervention_id) as intervention_id,
    recorded.outcome,
    recorded.cause_entity,
    recorded.cause_row,
    recorded.source_file,
    recorded.source_line
from internal.recorded_outcomes as recorded
join runs using (run_id)
left join sent
    on sent.run_id = recorded.run_id
    and sent.entity = recorded.entity
    and sent.row = recorded.row
union all
select
    sent.run_id,
    runs.agency,
    runs.period,
    sent.entity,
    sent.row,
    sent.client_id,
    sent.episode_id,
    sent.intervention_id,
    'sent',
    null,
    null,
    sent.source_file,
    sent.source_line
from sent
join runs on runs.run_id = sent.run_id
anti join internal.recorded_outcomes as recorded
    on recorded.run_id = sent.run_id
    and recorded.entity = sent.entity
    and recorded.row = sent.row;
