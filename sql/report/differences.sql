-- What differs from the last submission of each record, by the choice to make and by rule.
with by_rule as (
    select run_rules.choice, run_rules.rule, run_rules.fault, run_rules.owner, count(*) as differences
    from internal.found
    join internal.run_rules using (run_id, rule)
    where run_id = $run and run_rules.against_last
    group by all
)
select *, sum(differences) over (partition by choice)::bigint as of_choice
from by_rule
order by of_choice desc, choice, differences desc, rule;
