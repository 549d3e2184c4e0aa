-- Records what has been forgotten: the table that people read, and the runs that it is about.
create table forgotten (
    forget_number bigint primary key,
    forgotten_at timestamptz not null,
    what varchar not null check (what in ('before', 'superseded', 'client', 'snapshot')),
    agency varchar,
    before_period varchar,
    reason varchar not null,
    runs bigint not null,
    clients bigint not null,
    episodes bigint not null,
    interventions bigint not null,
    software_version varchar not null
);

create table internal.forgotten_runs (
    forget_number bigint not null,
    run_id varchar not null,
    is_whole boolean not null
);
