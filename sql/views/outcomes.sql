-- Exactly one row for each record read, with its ids, what became of it and what took it down.
-- The ids of what was sent stand where what was sent is kept, save masked ones.
create or replace view outcomes as
select
    told.run_id,
    told.entity,
    told.row,
    coalesce(told.client_id, sent_clients."CLIENTID") as client_id,
    told.episode_id,
    told.intervention_id,
    told.outcome,
    told.cause_entity,
    told.cause_row,
    told.source_file,
    told.source_line
from recorded_outcomes as told
left join sent_clients using (run_id, row)
where told.entity = 'client'
union all
select
    told.run_id,
    told.entity,
    told.row,
    coalesce(told.client_id, sent_clients."CLIENTID"),
    coalesce(told.episode_id, sent_episodes."EPISODID"),
    told.intervention_id,
    told.outcome,
    told.cause_entity,
    told.cause_row,
    told.source_file,
    told.source_line
from recorded_outcomes as told
left join sent_episodes using (run_id, row)
left join sent_clients
    on sent_clients.run_id = sent_episodes.run_id
    and sent_clients.row = sent_episodes.client_row
where told.entity = 'episode'
union all
select
    told.run_id,
    told.entity,
    told.row,
    coalesce(told.client_id, sent_clients."CLIENTID"),
    coalesce(told.episode_id, sent_episodes."EPISODID"),
    coalesce(told.intervention_id, sent_interventions."MODID"),
    told.outcome,
    told.cause_entity,
    told.cause_row,
    told.source_file,
    told.source_line
from recorded_outcomes as told
left join sent_interventions using (run_id, row)
left join sent_episodes
    on sent_episodes.run_id = sent_interventions.run_id
    and sent_episodes.row = sent_interventions.episode_row
left join sent_clients
    on sent_clients.run_id = sent_episodes.run_id
    and sent_clients.row = sent_episodes.client_row
where told.entity = 'intervention';
