-- Combinations that a file has when something is wrong with it: AUDIT scores, opioid treatment, deaths and doubled clients.
with opioid as (
    select
        exists (
            from concepts
            where field = 'DRUG1' and concept = 'opiate' and code in (started.DRUG1, started.DRUG2, started.DRUG3)
        ) as has_opiate
    from started
    join concepts
        on concepts.field = 'MODAL'
        and concepts.code = started.MODAL
        and concepts.concept in ('opioid_substitution', 'opioid_reduction', 'opioid_maintenance')
),
deaths as (
    select EPISODID
    from discharged
    join concepts on concepts.field = 'DISRSN' and concepts.code = discharged.DISRSN and concepts.concept = 'died'
    union
    select EPISODID
    from exited
    join concepts on concepts.field = 'EXITRSN' and concepts.code = exited.EXITRSN and concepts.concept = 'died'
),
people as (
    select FINITIAL, SINITIAL, DOB, SEX, count(*) as clients from clients group by all
),
found as (
    select 'AUDIT' as field, 'above 12' as subject, count(*) filter (try_cast(AUDIT as integer) > 12) as value,
        count(*) as records
    from triaged
    where AUDIT is not null
    union all
    select 'MODAL', 'without an opiate', count(*) filter (not has_opiate), count(*)
    from opioid
    where exists (from concepts where field = 'DRUG1' and concept = 'opiate')
    union all
    select 'CLIENTID', 'doubled', coalesce(sum(clients) filter (clients > 1), 0), coalesce(sum(clients), 0) from people
    union all
    select 'DISRSN', 'deaths', count(*), count(*) from deaths
)
select 'record' as measure, field, subject, value from found
union all
select 'record of', field, subject, records from found;
