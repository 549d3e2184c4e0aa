-- The rules whose severity the settings of the run change, with the findings that they have with it.
select
    run_rules.rule,
    run_rules.severity,
    run_rules.fault,
    count(found.rule) as findings
from internal.run_rules
join runs using (run_id)
left join internal.found on found.run_id = run_rules.run_id and found.rule = run_rules.rule
where run_rules.run_id = $run
    and regexp_matches(
        runs.settings_changed, '(^|[ ;,])' || regexp_escape(run_rules.rule || ' ' || run_rules.severity) || '($|[;,])'
    )
group by run_rules.rule, run_rules.severity, run_rules.fault
order by run_rules.rule;
