create view v as select id from patients;
create macro m(a) as upper(a);
