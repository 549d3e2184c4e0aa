-- What was sent of each client, once; the view sent_rows puts the rows together.
create table if not exists sent_clients (
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

-- Of an audit that was made before these were kept.
alter table sent_clients add column if not exists source_file varchar;
alter table sent_clients add column if not exists source_line bigint;
