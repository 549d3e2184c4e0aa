-- Outcomes of the records that were not sent or were sent with a masked id; for a blocked run, of all records.
-- The other records are in the sent_ tables; the view outcomes combines both.
create table if not exists internal.recorded_outcomes (
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
