-- Every record that was not sent in the latest run per agency and month, with the reason and the cause.
create or replace view rejected_rows as
with record_findings as (
    select
        run_id,
        entity,
        row,
        list(rule order by rule) as rules,
        list(message order by rule) as messages,
        list(owner order by rule) as owners,
        list(rule order by rule) filter (holds_back) as rejecting_rules,
        string_agg(message, ' ' order by rule) filter (holds_back) as reasons
    from findings
    where row is not null
    group by run_id, entity, row
)
select
    outcomes.run_id,
    latest_runs.agency,
    latest_runs.period,
    outcomes.entity,
    outcomes.client_id,
    outcomes.episode_id,
    outcomes.intervention_id,
    outcomes.outcome,
    coalesce(record_findings.rules, []) as rules,
    coalesce(record_findings.messages, []) as messages,
    coalesce(record_findings.owners, []) as owners,
    outcomes.cause_entity,
    cause.source_line as cause_line,
    -- A record that is dropped as an exact repeat breaks a rule that only warns.
    coalesce(
        cause_findings.rejecting_rules,
        case when outcomes.outcome = 'dropped' then cause_findings.rules end,
        []
    ) as cause_rules,
    case
        when outcomes.cause_entity = outcomes.entity and outcomes.cause_row = outcomes.row then ''
        else 'Its ' || outcomes.cause_entity || ' on line ' || cause.source_line || ': '
    end
        || coalesce(
            cause_findings.reasons,
            case when outcomes.outcome = 'dropped' then array_to_string(cause_findings.messages, ' ') end,
            'Nothing that belongs to it can be sent.'
        ) as why,
    outcomes.source_file,
    outcomes.source_line
from internal.recorded_outcomes as outcomes
join latest_runs using (run_id)
left join record_findings using (run_id, entity, row)
left join internal.recorded_outcomes as cause
    on cause.run_id = outcomes.run_id
    and cause.entity = outcomes.cause_entity
    and cause.row = outcomes.cause_row
left join record_findings as cause_findings
    on cause_findings.run_id = outcomes.run_id
    and cause_findings.entity = outcomes.cause_entity
    and cause_findings.row = outcomes.cause_row
where outcomes.outcome <> 'sent';
