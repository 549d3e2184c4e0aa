-- The codes of the lists in force: one row per code, with its meaning (concept), its label and the days it is valid on.
create or replace temp table meanings as
select
    unnest($lists::varchar[]) as list,
    unnest($codes::varchar[]) as code,
    unnest($concepts::varchar[]) as concept,
    unnest($labels::varchar[]) as label,
    unnest($valid_from::date[]) as valid_from,
    unnest($valid_to::date[]) as valid_to;
