-- Per month of the latest runs: the agency's own episodes with and without consent to send them.
create or replace view consent_by_month as
select
    run_id,
    agency,
    period,
    own as episodes,
    own - withheld as with_consent,
    withheld as without_consent,
    round(100.0 * with_consent / nullif(own, 0), 1) as percent_with_consent
from month_rates
where entity = 'episode';
