-- Per field of a run: the number of records examined, populated and understood.
create table if not exists completeness (
    run_id varchar not null,
    field varchar not null,
    records bigint not null,
    populated bigint not null,
    understood bigint not null
);
