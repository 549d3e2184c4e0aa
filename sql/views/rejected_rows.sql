-- Of each agency's and month's latest run: every record that was not sent, why, and what took it down.
create or replace view rejected_rows as
with told as (
    select
        run_id,
        entity,
        row,
        list(rule order by rule) as rules,
        list(message order by rule) as messages,
        list(owner order by rule) as owners,
        string_agg(message, ' ' order by rule)
            filter (severity in ('reject', 'withhold', 'scope') or rule like '%.repeated') as reasons
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
    coalesce(told.rules, []) as rules,
    coalesce(told.messages, []) as messages,
    coalesce(told.owners, []) as owners,
    outcomes.cause_entity,
    cause.source_line as cause_line,
    coalesce(cause_told.rules, []) as cause_rules,
    case
        when outcomes.cause_entity = outcomes.entity and outcomes.cause_row = outcomes.row then ''
        else 'Its ' || outcomes.cause_entity || ' on line ' || cause.source_line || ': '
    end
        || coalesce(
            cause_told.reasons,
            array_to_string(cause_told.messages, ' '),
            'Nothing below it is left to send.'
        ) as why,
    outcomes.source_file,
    outcomes.source_line
from recorded_outcomes as outcomes
join latest_runs using (run_id)
left join told using (run_id, entity, row)
left join recorded_outcomes as cause
    on cause.run_id = outcomes.run_id
    and cause.entity = outcomes.cause_entity
    and cause.row = outcomes.cause_row
left join told as cause_told
    on cause_told.run_id = outcomes.run_id
    and cause_told.entity = outcomes.cause_entity
    and cause_told.row = outcomes.cause_row
where outcomes.outcome <> 'sent';
