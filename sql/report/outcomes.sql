-- The outcomes of the records, per entity.
select
    entity,
    count(*) filter (outcome = 'sent') as sent,
    count(*) filter (outcome = 'rejected') as rejected,
    count(*) filter (outcome = 'withheld') as withheld,
    count(*) filter (outcome = 'out_of_scope') as out_of_scope,
    count(*) filter (outcome = 'dropped') as dropped
from outcomes
where run_id = $run
group by entity
order by entity;
