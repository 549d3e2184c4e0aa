-- For each intervention that was rejected, each rule that keeps it back and the record that breaks it.
create table if not exists internal.lost_rows (
    run_id varchar not null,
    row bigint not null,
    rule varchar not null,
    cause_entity varchar not null,
    cause_row bigint not null
);
