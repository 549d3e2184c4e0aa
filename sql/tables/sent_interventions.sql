-- What was sent of each intervention, once; the view sent_rows puts the rows together.
create table if not exists sent_interventions (
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

-- Of an audit that was made before these were kept.
alter table sent_interventions add column if not exists source_file varchar;
alter table sent_interventions add column if not exists source_line bigint;
