-- One row each time that personal data was deleted from this audit, without the id of a client; see `ndtms forget`.
create table if not exists forgotten (
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
