-- Findings of each run that are new, persist or are resolved, since its previous run and since the month before.
create or replace view internal.compared_findings as
select
    compared_runs.since,
    compared_runs.run_id,
    case when earlier.identity is null then 'new' else 'persisting' end as state,
    now.* exclude (run_id, identity, occurrence, masked_ids)
from internal.compared_runs
join internal.counted_findings as now on now.run_id = compared_runs.run_id
left join internal.counted_findings as earlier
    on earlier.run_id = compared_runs.earlier_run_id
    and earlier.identity = now.identity
    and earlier.occurrence = now.occurrence
union all by name
select
    compared_runs.since,
    compared_runs.run_id,
    'resolved' as state,
    runs.agency,
    runs.period,
    earlier.* exclude (run_id, agency, period, identity, occurrence, masked_ids)
from internal.compared_runs
join main.runs on runs.run_id = compared_runs.run_id
join internal.counted_findings as earlier on earlier.run_id = compared_runs.earlier_run_id
anti join internal.counted_findings as now
    on now.run_id = compared_runs.run_id
    and now.identity = earlier.identity
    and now.occurrence = earlier.occurrence;
