-- The outcomes of the records of each kind. What a blocked run could send is not sent.
with records_read as (
    select unnest([
        {'position': 1, 'entity': 'client', 'records': clients_in},
        {'position': 2, 'entity': 'episode', 'records': episodes_in},
        {'position': 3, 'entity': 'intervention', 'records': interventions_in}
    ], recursive := true)
    from runs
    where run_id = $run
),
not_sent as (
    select
        entity,
        count(*) filter (outcome = 'rejected') as rejected,
        count(*) filter (outcome = 'withheld') as withheld,
        count(*) filter (outcome = 'out_of_scope') as out_of_scope,
        count(*) filter (outcome = 'dropped') as dropped
    from internal.recorded_outcomes
    where run_id = $run and outcome <> 'sent'
    group by entity
)
select
    entity,
    records,
    records - coalesce(out_of_scope + dropped, 0) as own,
    own - coalesce(rejected + withheld, 0) as could_be_sent,
    coalesce(rejected, 0) as rejected,
    coalesce(withheld, 0) as withheld,
    coalesce(out_of_scope, 0) as out_of_scope,
    coalesce(dropped, 0) as dropped
from records_read
left join not_sent using (entity)
where records is not null
order by position;
