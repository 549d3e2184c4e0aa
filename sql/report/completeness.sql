-- How complete each field is in the run's month and in the months before it, of the agency's records with consent.
select
    runs.period,
    completeness.field,
    completeness.records,
    completeness.populated,
    completeness.understood,
    round(100.0 * populated / nullif(records, 0), 1) as percent_populated,
    round(100.0 * understood / nullif(records, 0), 1) as percent_understood
from completeness
join runs using (run_id)
where list_contains($months, run_id)
order by runs.period, completeness.field;
