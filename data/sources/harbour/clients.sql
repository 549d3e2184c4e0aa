-- Clients: one row for each patient who is real and was not merged into another one.
--
-- The columns have the headers of the dataset.  The words are Harbour's; [clients.codes] in harbour.toml
-- translates them.

-- The answers that only the old ids of a merged patient have.
with old_ids as (
    select
        patient_ids.current_id as patient_id,
        latest(patients.ethnicity, as_moment(patients.registered_at), tie := patients.patient_id) as ethnicity,
        latest(patients.birth_country, as_moment(patients.registered_at), tie := patients.patient_id) as birth_country
    from patients
    join patient_ids on patient_ids.patient_id = patients.patient_id
    where patients.merged_into is not null
    group by patient_ids.current_id
)
select
    patients.patient_id as CLIENTID,
    patients.first_name as FORENAME,
    patients.last_name as SURNAME,
    patients.born_on as DOB,
    patients.sex as SEX,
    first_filled([patients.ethnicity, old_ids.ethnicity]) as ETHNIC,
    first_filled([patients.birth_country, old_ids.birth_country]) as NATION,
    sites.name as AGNCY,
    patients.prison_number as CLIENT,
    patients.source_file,
    patients.source_line
from patients
left join sites on sites.site_id = patients.site_id
left join old_ids on old_ids.patient_id = patients.patient_id
where is_off(patients.is_deleted) and is_off(patients.is_test) and patients.merged_into is null
