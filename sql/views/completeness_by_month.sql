-- Per month and field of the latest runs: how many of the agency's own records have a value, and one that was read.
-- The denominator is the records with consent: those that were sent or rejected.
create or replace view completeness_by_month as
select
    completeness.run_id,
    latest_runs.agency,
    latest_runs.period,
    completeness.field,
    completeness.records,
    completeness.populated,
    completeness.understood,
    round(100.0 * populated / nullif(records, 0), 1) as percent_populated,
    round(100.0 * understood / nullif(records, 0), 1) as percent_understood
from completeness
join latest_runs using (run_id);
