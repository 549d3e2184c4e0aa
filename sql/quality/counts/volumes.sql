-- How much happened in the month, and how many rows the file has; a blank subject is the total of a field.
with happened as (
    select 'TRIAGED' as field, null as subject from triaged
    union all
    select 'MODST', coalesce(MODAL, '(blank)') from started
    union all
    select 'MODEND', null from ended
    union all
    select 'DISD', coalesce(DISRSN, '(blank)') from discharged
    union all
    select 'EXITD', coalesce(EXITRSN, '(blank)') from exited
)
select 'volume' as measure, field, subject, count(*) as value
from happened
where subject is not null
group by all
union all
select 'volume', field, '', count(*) from happened group by all
union all
select 'volume', '', '', count(*) from happened
union all
select 'rows', '', '', rows_sent from file;
