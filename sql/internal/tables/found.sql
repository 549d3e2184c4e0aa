-- Findings as the run recorded them; the view findings adds the text of the rule.
create table if not exists internal.found (
    run_id varchar not null,
    entity varchar not null,
    row bigint,
    client_id varchar,
    episode_id varchar,
    intervention_id varchar,
    masked_ids varchar,
    rule varchar not null,
    value varchar,
    note varchar,
    old_value varchar,
    new_value varchar,
    source_file varchar,
    source_line bigint
);
