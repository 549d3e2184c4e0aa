-- Each finding against those of the agency's run of the month before: new, persisting or resolved.
create or replace view changes as
with stand as (
    select
        run_id,
        agency,
        lag(run_id) over (partition by agency order by period) as earlier_run_id
    from latest_runs
),
known as (
    select
        findings.*,
        concat_ws('|', findings.entity, findings.client_id, findings.episode_id, findings.intervention_id, findings.rule)
            as identity
    from findings
)
select
    stand.run_id,
    case when earlier.identity is null then 'new' else 'persisting' end as state,
    now_found.* exclude (run_id, identity)
from stand
join known as now_found on now_found.run_id = stand.run_id
left join (select distinct run_id, identity from known) as earlier
    on earlier.run_id = stand.earlier_run_id and earlier.identity = now_found.identity
union all by name
select
    stand.run_id,
    'resolved' as state,
    earlier.* exclude (run_id, identity)
from stand
join known as earlier on earlier.run_id = stand.earlier_run_id
anti join (select run_id, identity from known) as now_found
    on now_found.run_id = stand.run_id and now_found.identity = earlier.identity;
