-- The sent values of each client, once per run; the view sent_rows joins them to rows.
create table if not exists internal.sent_clients (
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
