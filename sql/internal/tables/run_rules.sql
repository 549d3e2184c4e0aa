-- Each rule as it was in a run (its severity and the values its code lists allowed), with its four counts.
create table if not exists internal.run_rules (
    run_id varchar not null,
    rule varchar not null,
    field varchar not null,
    severity varchar not null,
    owner varchar not null,
    requirement varchar not null,
    fault varchar not null,
    fix varchar not null,
    choice varchar not null,
    allowed varchar not null,
    holds_back boolean not null,
    against_last boolean not null,
    passed bigint,
    failed bigint,
    not_applicable bigint,
    errored bigint
);
