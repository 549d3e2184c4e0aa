-- Findings of the last run by severity.
with severities as (
    select unnest(['reject', 'withhold', 'scope', 'error', 'warning', 'file']) as severity
),
counted as (
    select found.run_id, run_rules.severity, count(*) as findings
    from internal.found
    semi join last_runs using (run_id)
    join internal.run_rules using (run_id, rule)
    group by all
)
select last_runs.agency, last_runs.period, severities.severity, coalesce(findings, 0) as value
from last_runs
cross join severities
left join counted on counted.run_id = last_runs.run_id and counted.severity = severities.severity
where last_runs.status <> 'failed'
order by agency, severity;
