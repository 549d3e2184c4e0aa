-- What is unusual about a run's month, most unusual first (place); see sql/quality/checks/.
-- A score of 1 is the limit of the check; expected is blank where nothing is usual.
create table if not exists quality (
    run_id varchar not null,
    agency varchar,
    period varchar not null,
    place bigint not null,
    check_name varchar not null,
    field varchar not null,
    subject varchar not null,
    found double not null,
    expected double,
    score double not null,
    months bigint not null,
    text varchar not null
);
