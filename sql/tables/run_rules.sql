-- What each rule was in a run (its severity and what its lists allowed then) and its four counts.
create table if not exists run_rules (
    run_id varchar not null,
    rule varchar not null,
    field varchar not null,
    severity varchar not null,
    owner varchar not null,
    truth varchar not null,
    allowed varchar not null,
    against_last boolean not null,
    passed bigint,
    failed bigint,
    not_applicable bigint,
    errored bigint
);
