-- What a run counts in its month, for comparison with later months: see sql/quality/counts/.
create table if not exists month_counts (
    run_id varchar not null,
    measure varchar not null,
    field varchar not null,
    subject varchar not null,
    value double not null
);
