-- People of the month before who are also at another agency of the home: received here while they were open there, and
-- transferred from here but not received there.  It is about the month before, which the others have landed by now.
-- One query for all runs ($runs) of a transaction, because it reads the other agencies; $transferred are the codes of
-- EXITRSN that mean a transfer.
with here as (
    select
        run_id,
        agency,
        period,
        strftime((period || '-01')::date - interval 1 month, '%Y-%m') as month_before
    from runs
    where status = 'landed' and list_contains($runs::varchar[], run_id)
),
others as (
    select here.run_id as here_id, arg_max(runs.run_id, (runs.period, runs.run_number)) as run_id
    from here
    join runs
        on runs.status = 'landed'
        and runs.agency <> here.agency
        and runs.period between here.month_before and here.period
    group by here.run_id, runs.agency
),
people as (
    select
        here.run_id,
        here.month_before,
        concat_ws('|', FINITIAL, SINITIAL, DOB, SEX) as person,
        RECPDT,
        EXITD,
        EXITRSN
    from internal.sent_episodes
    join here using (run_id)
    join internal.sent_clients on sent_clients.run_id = here.run_id and sent_clients.row = sent_episodes.client_row
    where left(RECPDT, 7) = here.month_before or left(EXITD, 7) = here.month_before
),
elsewhere as (
    select others.here_id as run_id, concat_ws('|', FINITIAL, SINITIAL, DOB, SEX) as person, RECPDT, EXITD
    from internal.sent_episodes
    join others using (run_id)
    join internal.sent_clients on sent_clients.run_id = others.run_id and sent_clients.row = sent_episodes.client_row
),
received as (
    select
        run_id,
        exists (
            from elsewhere
            where
                elsewhere.run_id = people.run_id
                and elsewhere.person = people.person
                and elsewhere.RECPDT < people.RECPDT
                and elsewhere.EXITD is null
        ) as is_found
    from people
    where left(RECPDT, 7) = month_before
),
transferred as (
    select
        run_id,
        not exists (
            from elsewhere
            where
                elsewhere.run_id = people.run_id
                and elsewhere.person = people.person
                and date_diff('day', people.EXITD::date, elsewhere.RECPDT::date) between -1 and $most_days
        ) as is_found
    from people
    where left(EXITD, 7) = month_before and list_contains($transferred::varchar[], EXITRSN)
),
found as (
    select run_id, 'RECPDT' as field, 'open elsewhere' as subject, is_found from received
    union all
    select run_id, 'EXITRSN', 'not received elsewhere', is_found from transferred
)
select run_id, 'record' as measure, field, subject, count(*) filter (is_found) as value
from found
where run_id in (select here_id from others)
group by all
union all
select run_id, 'record of', field, subject, count(*)
from found
where run_id in (select here_id from others)
group by all;
