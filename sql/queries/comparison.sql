-- Compares two runs: their inputs and the counts of their results.
with counted as (
    select
        run_id,
        1 as position,
        'input' as about,
        item || case when item in ('input', 'code list') then ' ' || name else '' end as what,
        case when item in ('input', 'code list') then digest[:12] else name || ' (' || digest[:12] || ')' end as value
    from manifest
    where item <> 'output'
    union all
    select run_id, 2, 'outcome', entity || ' ' || outcome, count(*)::varchar
    from outcomes
    group by all
    union all
    select run_id, 3, 'rule', rule || ' (' || severity || ')', findings::varchar
    from rule_summary
    union all
    select run_id, 4, 'field', field || ' understood', understood::varchar
    from completeness
),
earlier as (
    select * from counted where run_id = $1
),
later as (
    select * from counted where run_id = $2
)
select
    coalesce(earlier.about, later.about) as about,
    coalesce(earlier.what, later.what) as what,
    earlier.value as before,
    later.value as after
from earlier
full join later using (position, about, what)
where earlier.value is distinct from later.value
order by coalesce(earlier.position, later.position), what
