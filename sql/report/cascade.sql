-- The rejected interventions by the record that causes it: their client, their episode, or they themselves.
select
    causes.entity as cause_entity,
    count(cause_row) as interventions
from (values (1, 'client'), (2, 'episode'), (3, 'intervention')) as causes(position, entity)
left join internal.recorded_outcomes as outcomes
    on outcomes.run_id = $run
    and outcomes.entity = 'intervention'
    and outcomes.outcome = 'rejected'
    and outcomes.cause_entity = causes.entity
group by position, causes.entity
order by position;
