-- The rules that kept rows from being sent, because the record or its parent broke them.
with lost as (
    select
        cause_entity as entity,
        cause_row as row,
        count(*) as interventions
    from outcomes
    where run_id = $run and entity = 'intervention' and outcome = 'rejected'
    group by all
)
select
    rule,
    fault,
    sum(interventions)::bigint as rows
from internal.found
join lost using (entity, row)
join internal.run_rules using (run_id, rule)
where run_id = $run and holds_back
group by all
order by rows desc, rule;
