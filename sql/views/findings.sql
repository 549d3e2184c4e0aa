-- Every finding of every run, with its text.
create or replace view findings as
select
    found.run_id,
    runs.agency,
    runs.period,
    found.entity,
    found.client_id,
    found.episode_id,
    found.intervention_id,
    run_rules.field,
    found.rule,
    run_rules.severity,
    run_rules.owner,
    run_rules.fault
        || coalesce(' Found: ' || found.value || '.', '')
        || coalesce(' ' || found.note || '.', '')
        || case when run_rules.allowed = '' then '' else ' Allowed: ' || run_rules.allowed || '.' end
        || ' ' || run_rules.fix as message,
    found.value,
    found.old_value,
    found.new_value,
    found.source_file,
    found.source_line,
    run_rules.holds_back,
    run_rules.against_last,
    found.row,
    found.masked_ids
from internal.found
join internal.run_rules using (run_id, rule)
join runs using (run_id);
