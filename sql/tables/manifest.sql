-- The inputs and outputs of a run, each with its SHA-256.
create table if not exists manifest (
    run_id varchar not null,
    item varchar not null,
    name varchar not null,
    digest varchar not null
);
