-- Which rules had no answer for some records, because a value was not understood or a list is not published?
select rule_outcomes.agency, rule_outcomes.period, rule, errored, passed, failed
from rule_outcomes
semi join latest_runs using (run_id)
where errored > 0 and ($agency::varchar is null or rule_outcomes.agency = $agency) and ($period::varchar is null or rule_outcomes.period = $period)
order by rule_outcomes.agency, rule_outcomes.period, errored desc, rule
