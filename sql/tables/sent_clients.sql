-- What was sent of each client, once; the view sent_rows puts the rows together.
create table if not exists sent_clients (
    run_id varchar not null,
    row bigint not null,
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
