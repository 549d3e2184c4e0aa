-- One row per run that reached the audit; runs are superseded, never deleted.
create table if not exists runs (
    run_number bigint primary key,
    run_id varchar not null unique,
    agency varchar,
    period varchar not null,
    dataset varchar not null,
    source varchar not null,
    input_folder varchar not null,
    status varchar not null check (status in ('landed', 'blocked', 'failed')),
    started_at timestamptz not null,
    finished_at timestamptz not null,
    extracted_on date not null,
    clients_in bigint,
    episodes_in bigint,
    interventions_in bigint,
    rows_sent bigint not null,
    provisional_lists varchar[] not null,
    settings_changed varchar,
    shrink_accepted varchar,
    stale_accepted varchar,
    same_input_accepted varchar,
    corrects varchar,
    corrections_folder varchar,
    failure varchar,
    output_path varchar,
    output_sha256 varchar,
    software_version varchar not null
);

-- Upgrades an audit from a version without these columns.
alter table runs add column if not exists stale_accepted varchar;
alter table runs add column if not exists same_input_accepted varchar;
