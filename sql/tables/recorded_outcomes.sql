-- What became of each record that was not sent, or was sent with an id that is masked; of a blocked run, of all.
-- All others stand in the tables of what was sent; the view outcomes puts both together.
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
