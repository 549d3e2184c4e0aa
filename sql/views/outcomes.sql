-- Exactly one row for each record read, with its ids, what became of it and what took it down.
-- What was sent stands where what was sent is kept, save where an id is masked.
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
    from sent_clients
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
    from sent_episodes
    join sent_clients
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
    from sent_interventions
    join sent_episodes
        on sent_episodes.run_id = sent_interventions.run_id
        and sent_episodes.row = sent_interventions.episode_row
    join sent_clients
        on sent_clients.run_id = sent_episodes.run_id
        and sent_clients.row = sent_episodes.client_row
)
select
    told.run_id,
    told.entity,
    told.row,
    -- An audit made before keeps an outcome of each record here, and the ids of what was sent there alone.
    coalesce(told.client_id, sent.client_id) as client_id,
    coalesce(told.episode_id, sent.episode_id) as episode_id,
    coalesce(told.intervention_id, sent.intervention_id) as intervention_id,
    told.outcome,
    told.cause_entity,
    told.cause_row,
    told.source_file,
    told.source_line
from recorded_outcomes as told
left join sent
    on sent.run_id = told.run_id
    and sent.entity = told.entity
    and sent.row = told.row
union all
select
    sent.run_id,
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
anti join recorded_outcomes as told
    on told.run_id = sent.run_id
    and told.entity = sent.entity
    and told.row = sent.row;
