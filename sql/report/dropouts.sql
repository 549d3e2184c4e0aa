-- What dropped out since the last submission, and the rules that cause it; no rows where there is none.
with caused as (
    select
        found.entity,
        found.row,
        outcomes.outcome,
        coalesce(cause.rule, 'nothing of it can be sent') as rule
    from internal.found
    join internal.recorded_outcomes as outcomes using (run_id, entity, row)
    left join (
        select entity, row, rule
        from internal.found
        join internal.run_rules using (run_id, rule)
        where run_id = $run and holds_back
    ) as cause
        on cause.entity = outcomes.cause_entity and cause.row = outcomes.cause_row
    where found.run_id = $run and found.rule in ('EPISODID.no_longer_sent', 'MODID.no_longer_sent')
),
by_rule as (
    select entity, outcome, rule, count(distinct row) as records
    from caused
    group by entity, outcome, rule
    qualify row_number() over (partition by entity, outcome order by count(distinct row) desc, rule) <= 5
),
counted as (
    select
        case when rule = 'EPISODID.incomplete' then 3 else 1 end as position,
        case when rule = 'EPISODID.incomplete' then 'incomplete' else 'not in this export' end as what,
        entity,
        count(*) as records,
        '' as outcome,
        '' as why
    from internal.found
    where run_id = $run and rule in ('EPISODID.dropped', 'MODID.dropped', 'EPISODID.incomplete')
    group by all
    union all
    select
        2,
        'no longer sent',
        entity,
        (select count(distinct row) from caused where caused.entity = by_rule.entity and caused.outcome = by_rule.outcome),
        outcome,
        string_agg(rule || ' (' || records || ')', ', ' order by records desc, rule)
    from by_rule
    group by entity, outcome
)
select what, entity, records, outcome, why
from counted
where exists (from manifest where run_id = $run and item = 'last submission')
order by position, entity, outcome;
