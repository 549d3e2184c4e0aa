-- Compares the findings of each run with those of the agency's previous run: new, persisting or resolved.
-- The previous run is the latest one at the time for the same period, else for the latest earlier period.
create or replace view changes as
with previous_runs as (
    select
        later.run_id,
        arg_max(earlier.run_id, (earlier.period, earlier.run_number)) as earlier_run_id
    from runs as later
    left join runs as earlier
        on earlier.agency is not distinct from later.agency
        and earlier.status <> 'failed'
        and earlier.period <= later.period
        and earlier.run_number < later.run_number
    where later.status <> 'failed'
    group by later.run_id
),
all_findings as (
    select
        findings.*,
        concat_ws('|', findings.entity, coalesce(findings.client_id, '-'), coalesce(findings.episode_id, '-'),
            coalesce(findings.intervention_id, '-'), findings.rule) as identity
    from findings
)
select
    previous_runs.run_id,
    case when earlier.identity is null then 'new' else 'persisting' end as state,
    current_findings.* exclude (run_id, identity)
from previous_runs
join all_findings as current_findings on current_findings.run_id = previous_runs.run_id
left join (select distinct run_id, identity from all_findings) as earlier
    on earlier.run_id = previous_runs.earlier_run_id and earlier.identity = current_findings.identity
union all by name
select
    previous_runs.run_id,
    'resolved' as state,
    earlier.* exclude (run_id, identity)
from previous_runs
join all_findings as earlier on earlier.run_id = previous_runs.earlier_run_id
anti join (select run_id, identity from all_findings) as current_findings
    on current_findings.run_id = previous_runs.run_id and current_findings.identity = earlier.identity;
