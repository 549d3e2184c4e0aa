-- The sent values of each intervention, once per run; the view sent_rows joins them to rows.
create table if not exists internal.sent_interventions (
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
