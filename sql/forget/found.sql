-- The findings; those of a forgotten run, record or client keep their rule, file and line, but no id and no value.
with marked as (
    select
        found.*,
        whole.run_id is not null or records.row is not null or clients.client_id is not null as is_forgotten
    from kept.internal.found as found
    left join forgotten_whole as whole using (run_id)
    left join forgotten_records as records using (run_id, entity, row)
    -- A record that is no longer in the export has ids, but no row.
    left join forgotten_clients as clients using (run_id, client_id)
)
select * exclude (is_forgotten) replace (
    if(is_forgotten, null, client_id) as client_id,
    if(is_forgotten, null, episode_id) as episode_id,
    if(is_forgotten, null, intervention_id) as intervention_id,
    if(is_forgotten, null, masked_ids) as masked_ids,
    if(is_forgotten, null, value) as value,
    if(is_forgotten, null, note) as note,
    if(is_forgotten, null, old_value) as old_value,
    if(is_forgotten, null, new_value) as new_value
)
from marked
