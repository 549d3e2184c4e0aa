-- The runs whose records do not add up: each record that was read has one outcome, and each row that was sent is one
-- intervention. What was forgotten keeps its outcome, so the counts of such a run add up as well.
with counted as (
    select
        run_id,
        count(*) filter (entity = 'client') as clients,
        count(*) filter (entity = 'episode') as episodes,
        count(*) filter (entity = 'intervention') as interventions,
        count(*) filter (entity = 'intervention' and outcome = 'sent') as sent
    from outcomes
    group by run_id
)
select run_id
from runs
left join counted using (run_id)
where
    status <> 'failed'
    and (
        clients_in <> coalesce(clients, 0)
        or episodes_in <> coalesce(episodes, 0)
        or interventions_in <> coalesce(interventions, 0)
        or (status = 'landed' and rows_sent <> coalesce(sent, 0))
    )
order by run_number
