-- One row per fault to correct in the latest runs, in the order of the interventions that it keeps from being sent.
-- Episodes without consent and records of another agency are left out; `ndtms due` lists the consent to seek.
create or replace view worklist as
with months as (
    select run_id, agency, period, row_number() over (partition by agency order by period) as month_number
    from latest_runs
),
present as (
    select distinct run_id, months.agency, identified_findings.identity, months.period, months.month_number
    from internal.identified_findings
    join months using (run_id)
),
runs_of_months as (
    -- Months in a row have the same difference between their number and their place among those with the finding.
    select
        run_id,
        agency,
        identity,
        period,
        month_number - row_number() over (partition by agency, identity order by month_number) as streak
    from present
),
first_months as (
    -- The month itself, not its number: a second join with the months would multiply the findings by them.
    select run_id, identity, min(period) over (partition by agency, identity, streak) as since
    from runs_of_months
),
costs as (
    select run_id, rule, cause_entity, cause_row, count(*) as rows_lost
    from internal.lost_rows
    group by run_id, rule, cause_entity, cause_row
),
local_numbers as (
    select runs.agency, "CLIENTID" as client_id, arg_max("CLIENT", runs.run_number) as local_number
    from internal.sent_clients
    join runs using (run_id)
    group by runs.agency, "CLIENTID"
)
select
    faults.run_id,
    faults.agency,
    faults.period,
    coalesce(local_numbers.local_number, faults.client_id) as local_number,
    concat_ws(', ', faults.source_file, 'line ' || faults.source_line) as location,
    run_rules.fault
        || coalesce(' Found: ' || faults.value || '.', '')
        || case when run_rules.allowed = '' then '' else ' Allowed: ' || run_rules.allowed || '.' end as fault,
    run_rules.fix,
    faults.field,
    coalesce(costs.rows_lost, 0) as rows_lost,
    faults.severity,
    faults.owner,
    first_months.since,
    first_months.since = faults.period as is_new,
    faults.rule,
    faults.entity,
    faults.client_id,
    faults.episode_id,
    faults.intervention_id,
    faults.source_file,
    faults.source_line
from internal.identified_findings as faults
join internal.run_rules on run_rules.run_id = faults.run_id and run_rules.rule = faults.rule
join first_months on first_months.run_id = faults.run_id and first_months.identity = faults.identity
left join costs
    on costs.run_id = faults.run_id
    and costs.rule = faults.rule
    and costs.cause_entity = faults.entity
    and costs.cause_row = faults.row
left join local_numbers on local_numbers.agency = faults.agency and local_numbers.client_id = faults.client_id
where faults.severity not in ('scope', 'withhold');
