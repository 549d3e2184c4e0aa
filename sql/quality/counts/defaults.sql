-- How often a value is one that a system or a person enters when nothing is known, and of how many records.
with answered as (
    select coded_values.field, concepts.code is not null as is_default, coded_values.records
    from coded_values
    left join concepts
        on concepts.field = coded_values.field
        and concepts.code = coded_values.code
        and concepts.concept in ('declined', 'unknown', 'not_asked')
    where coded_values.code <> ''
),
dates as (
    select 'TRIAGED' as field, TRIAGED as day from triaged
    union all
    select 'RECPDT', RECPDT from triaged
    union all
    select 'MODST', MODST from started
    union all
    select 'DISD', DISD from discharged
    union all
    select 'EXITD', EXITD from exited
),
homes as (
    -- ZZ99 3 is the sector of the postcode for people without a fixed abode.
    select
        triaged.PC = (select value from words where word = 'no fixed abode') as has_no_abode,
        concepts.concept = 'home' as has_home
    from triaged
    left join concepts
        on concepts.field = 'HOUSING'
        and concepts.code = triaged.HOUSING
        and concepts.concept in ('home', 'no_home')
    where triaged.PC is not null
),
found as (
    select field, 'not stated' as subject, sum(records) filter (is_default) as value, sum(records) as records
    from answered
    group by field
    having bool_or(is_default)
    union all
    select field, 'first of the month', count(*) filter (right(day, 2) = '01'), count(*)
    from dates
    where day is not null
    group by field
    union all
    select 'DOB', '1 January', count(*) filter (right(DOB, 5) = '01-01'), count(*) from triaged where DOB is not null
    union all
    select 'PC', 'no fixed abode', count(*) filter (has_no_abode and has_home), count(*) from homes
)
select 'default' as measure, field, subject, value from found
union all
select 'default of', field, subject, records from found;
