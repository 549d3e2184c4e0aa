-- Per month and rule of the latest runs: the share of the records that broke it, and the share in the month before.
create or replace view rule_trend as
select
    run_rules.run_id,
    latest_runs.agency,
    latest_runs.period,
    run_rules.rule,
    run_rules.severity,
    run_rules.failed,
    run_rules.passed + run_rules.failed as checked,
    round(100.0 * failed / nullif(checked, 0), 1) as percent_failed,
    lag(percent_failed) over (
        partition by latest_runs.agency, run_rules.rule order by latest_runs.period
    ) as percent_failed_before
from internal.run_rules
join latest_runs using (run_id)
where run_rules.passed is not null;
