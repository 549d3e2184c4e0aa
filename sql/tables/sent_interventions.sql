-- What was sent of each intervention, once; the view sent_rows puts the rows together.
create table if not exists sent_interventions (
    run_id varchar not null,
    row bigint not null,
    episode_row bigint not null,
    "MODID" varchar,
    "MODAL" varchar,
    "MODST" varchar,
    "MODEND" varchar
);
