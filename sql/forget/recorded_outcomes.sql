-- The outcomes; those of forgotten records keep their outcome, file and line, but no id.
-- A record that was sent gets a row here, because the rows that showed that it was sent are deleted.
with forgotten_sent as (
    select run_id, 'client' as entity, row, source_file, source_line
    from kept.internal.sent_clients
    union all
    select run_id, 'episode', row, source_file, source_line
    from kept.internal.sent_episodes
    union all
    select run_id, 'intervention', row, source_file, source_line
    from kept.internal.sent_interventions
)
select recorded.* replace (
    if(whole.run_id is null and records.row is null, client_id, null) as client_id,
    if(whole.run_id is null and records.row is null, episode_id, null) as episode_id,
    if(whole.run_id is null and records.row is null, intervention_id, null) as intervention_id
)
from kept.internal.recorded_outcomes as recorded
left join forgotten_whole as whole using (run_id)
left join forgotten_records as records using (run_id, entity, row)
union all by name
select sent.run_id, sent.entity, sent.row, 'sent' as outcome, sent.source_file, sent.source_line
from forgotten_sent as sent
left join forgotten_whole as whole using (run_id)
left join forgotten_records as records using (run_id, entity, row)
anti join kept.internal.recorded_outcomes as recorded using (run_id, entity, row)
where whole.run_id is not null or records.row is not null
