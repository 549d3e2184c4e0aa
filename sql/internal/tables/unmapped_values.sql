-- Source values that matched no code, and sectors of postcodes that were in no directory.
create table if not exists internal.unmapped_values (
    run_id varchar not null,
    field varchar not null,
    value varchar not null,
    records bigint not null
);
