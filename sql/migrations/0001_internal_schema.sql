-- Moves what the views are made of to a schema of its own, and adds what the audits of November 2026 lack.
create schema internal;

alter table runs add column if not exists stale_accepted varchar;
alter table runs add column if not exists same_input_accepted varchar;

-- A rule had one text, what it requires, and no note of whether it kept a record back: by default these severities did.
alter table run_rules add column if not exists truth varchar;
alter table run_rules add column if not exists requirement varchar;
alter table run_rules add column if not exists fault varchar;
alter table run_rules add column if not exists fix varchar;
alter table run_rules add column if not exists choice varchar;
alter table run_rules add column if not exists holds_back boolean;
update run_rules
set
    requirement = truth,
    fault = 'Not met: ' || truth,
    fix = '',
    choice = '',
    holds_back = severity in ('reject', 'withhold', 'scope')
where requirement is null;
alter table run_rules drop column truth;

create table internal.run_rules (
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

insert into internal.run_rules by name from run_rules;
drop table run_rules;

create table internal.found (
    run_id varchar not null,
    entity varchar not null,
    row bigint,
    client_id varchar,
    episode_id varchar,
    intervention_id varchar,
    masked_ids varchar,
    rule varchar not null,
    value varchar,
    note varchar,
    old_value varchar,
    new_value varchar,
    source_file varchar,
    source_line bigint
);

insert into internal.found by name from found;
drop table found;

create table internal.recorded_outcomes (
    run_id varchar not null,
    entity varchar not null,
    row bigint not null,
    client_id varchar,
    episode_id varchar,
    intervention_id varchar,
    outcome varchar not null,
    cause_entity varchar,
    cause_row bigint,
    source_file varchar not null,
    source_line bigint not null
);

insert into internal.recorded_outcomes by name from recorded_outcomes;
drop table recorded_outcomes;

create table internal.lost_rows (
    run_id varchar not null,
    row bigint not null,
    rule varchar not null,
    cause_entity varchar not null,
    cause_row bigint not null
);

create table if not exists lost_rows as from internal.lost_rows;

insert into internal.lost_rows by name from lost_rows;
drop table lost_rows;

create table internal.sent_clients (
    run_id varchar not null,
    row bigint not null,
    source_file varchar,
    source_line bigint,
    "CLIENTID" varchar,
    "FINITIAL" varchar,
    "SINITIAL" varchar,
    "DOB" varchar,
    "SEX" varchar,
    "ETHNIC" varchar,
    "NATION" varchar,
    "AGNCY" varchar,
    "CLIENT" varchar
);

insert into internal.sent_clients by name from sent_clients;
drop table sent_clients;

create table internal.sent_episodes (
    run_id varchar not null,
    row bigint not null,
    client_row bigint not null,
    source_file varchar,
    source_line bigint,
    "EPISODID" varchar,
    "CMSID" varchar,
    "CONSENT" varchar,
    "PC" varchar,
    "UTLA" varchar,
    "INTRCPTD" varchar,
    "RECPDT" varchar,
    "PRISON" varchar,
    "TRIAGED" varchar,
    "SEXUALO" varchar,
    "PREGNANT" varchar,
    "RELIGION" varchar,
    "DISABLE1" varchar,
    "DISABLE2" varchar,
    "DISABLE3" varchar,
    "HOUSING" varchar,
    "DOMVIC" varchar,
    "DOMPER" varchar,
    "TSLPE" varchar,
    "VETERAN" varchar,
    "PARENT" varchar,
    "PRNTSTAT" varchar,
    "CHILDWTH" varchar,
    "EHCS" varchar,
    "EHCS2" varchar,
    "EHCS3" varchar,
    "DRUG1" varchar,
    "DRUG2" varchar,
    "DRUG3" varchar,
    "ALCDDAYS" varchar,
    "ALCUNITS" varchar,
    "INJSTAT" varchar,
    "AUDIT" varchar,
    "HEPBSTAT" varchar,
    "HEPCSTAT" varchar,
    "HEPCTSTD" varchar,
    "HIVSTAT" varchar,
    "HIVTESTDT" varchar,
    "LIVSCRN" varchar,
    "DUALDIAG" varchar,
    "MHTINT" varchar,
    "SEXWORK" varchar,
    "NPSUSE" varchar,
    "CLINREV" varchar,
    "DISD" varchar,
    "DISRSN" varchar,
    "RECONNECT" varchar,
    "MHTXEXIT" varchar,
    "SENTENCED" varchar,
    "THNALOX" varchar,
    "REFHEPCTX" varchar,
    "REFHEPCTXDT" varchar,
    "HOMELESSEXIT" varchar,
    "EXITD" varchar,
    "EXITRSN" varchar,
    "EXITDEST" varchar,
    "RTOAGNCY" varchar
);

insert into internal.sent_episodes by name from sent_episodes;
drop table sent_episodes;

create table internal.sent_interventions (
    run_id varchar not null,
    row bigint not null,
    episode_row bigint not null,
    source_file varchar,
    source_line bigint,
    "MODID" varchar,
    "MODAL" varchar,
    "MODST" varchar,
    "MODEND" varchar
);

insert into internal.sent_interventions by name from sent_interventions;
drop table sent_interventions;

create table internal.unmapped_values (
    run_id varchar not null,
    field varchar not null,
    value varchar not null,
    records bigint not null
);

insert into internal.unmapped_values by name from unmapped_values;
drop table unmapped_values;

drop table if exists definitions;
