-- The findings on the agency's own records that are new, persist or are resolved since the month before, by rule.
-- No rows without an earlier month: `$before` is the run of the view `internal.compared_runs`, or null.
with now as (
    select entity, rule, severity, identity, occurrence
    from internal.counted_findings
    where run_id = $run and $before is not null
),
before as (
    select entity, rule, severity, identity, occurrence
    from internal.counted_findings
    where run_id = $before
),
compared as (
    select
        coalesce(now.rule, before.rule) as rule,
        coalesce(now.severity, before.severity) as severity,
        case
            when before.identity is null then 'new'
            when now.identity is null then 'resolved'
            else 'persisting'
        end as state
    from now
    full join before on before.identity = now.identity and before.occurrence = now.occurrence
)
select
    rule,
    severity,
    count(*) filter (state = 'new') as new,
    count(*) filter (state = 'persisting') as persisting,
    count(*) filter (state = 'resolved') as resolved
from compared
where severity <> 'scope'
group by rule, severity
order by new + resolved desc, rule;
