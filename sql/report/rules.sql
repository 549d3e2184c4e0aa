-- Every rule that a record breaks, with the share of the checked records that break it, in this and earlier months.
-- A month without a run, or in which the rule checked no record, is null in `trend`.
with found as (
    select rule, count(*) as findings
    from internal.found
    where run_id = $run
    group by rule
),
lost as (
    select rule, count(distinct row) as rows_lost
    from internal.lost_rows
    where run_id = $run
    group by rule
),
months as (
    select period, run_id
    from runs
    where list_contains($months, run_id)
),
shares as (
    select rule, period, round(100.0 * failed / nullif(passed + failed, 0), 1) as percent
    from internal.run_rules
    join months using (run_id)
    where list_contains($months, run_id)
),
trends as (
    select
        rule,
        list(percent order by period) as trend,
        arg_max(percent, period) filter (period < (select period from runs where run_id = $run)) as percent_before
    from (
        select rules.rule, months.period, shares.percent
        from (select distinct rule from shares) as rules
        cross join months
        left join shares using (rule, period)
    )
    group by rule
)
select
    run_rules.rule,
    run_rules.field,
    run_rules.severity,
    run_rules.owner,
    run_rules.requirement,
    run_rules.fault,
    run_rules.fix,
    run_rules.allowed,
    found.findings,
    run_rules.failed,
    run_rules.passed + run_rules.failed as checked,
    round(100.0 * run_rules.failed / nullif(run_rules.passed + run_rules.failed, 0), 1) as percent,
    trends.percent_before,
    trends.trend,
    coalesce(lost.rows_lost, 0) as rows_lost
from internal.run_rules
join found using (rule)
left join trends using (rule)
left join lost using (rule)
where run_rules.run_id = $run
order by rows_lost desc, findings desc, run_rules.rule;
