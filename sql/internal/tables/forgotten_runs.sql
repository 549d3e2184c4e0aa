-- The runs of which personal data was deleted: all of it (is_whole), or that of one client.
create table if not exists internal.forgotten_runs (
    forget_number bigint not null,
    run_id varchar not null,
    is_whole boolean not null
);
