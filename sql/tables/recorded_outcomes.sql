-- Exactly one row for each record read.  The ids of what was sent stand in the tables of what was sent,
-- save where one is masked; the view outcomes puts them beside.
create table if not exists recorded_outcomes (
    run_id varchar not null,
    entity varchar not null,
    row bigint not null,
    client_id varchar,
    episode_id varchar,
    intervention_id varchar,
    outcome varchar not null,
    cause_entity varchar,
    cause_row bigint,
    source_file varchar not null,
    source_line bigint not null
);
