-- Exactly one row for each record read, with its ids, what became of it and what took it down.
create or replace view outcomes as
with sent_ids as (
    select
        sent_clients.run_id,
        'client' as entity,
        sent_clients.row,
        sent_clients."CLIENTID" as client_id,
        null::varchar as episode_id,
        null::varchar as intervention_id
    from sent_clients
    union all
    select
        sent_episodes.run_id,
        'episode',
        sent_episodes.row,
        sent_clients."CLIENTID",
        sent_episodes."EPISODID",
        null
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
        sent_interventions."MODID"
    from sent_interventions
    join sent_episodes
        on sent_episodes.run_id = sent_interventions.run_id
        and sent_episodes.row = sent_interventions.episode_row
    join sent_clients
        on sent_clients.run_id = sent_episodes.run_id
        and sent_clients.row = sent_episodes.client_row
)
select
    recorded_outcomes.run_id,
    recorded_outcomes.entity,
    recorded_outcomes.row,
    coalesce(recorded_outcomes.client_id, sent_ids.client_id) as client_id,
    coalesce(recorded_outcomes.episode_id, sent_ids.episode_id) as episode_id,
    coalesce(recorded_outcomes.intervention_id, sent_ids.intervention_id) as intervention_id,
    recorded_outcomes.outcome,
    recorded_outcomes.cause_entity,
    recorded_outcomes.cause_row,
    recorded_outcomes.source_file,
    recorded_outcomes.source_line
from recorded_outcomes
left join sent_ids
    on sent_ids.run_id = recorded_outcomes.run_id
    and sent_ids.entity = recorded_outcomes.entity
    and sent_ids.row = recorded_outcomes.row
    and recorded_outcomes.outcome = 'sent';
