-- The days between two steps of treatment: the median, how many are negative, and how many exceed the limit.
with steps as (
    select 'TRIAGED' as field, 'reception to triage' as subject, RECPDT as since, TRIAGED as until from triaged
    union all
    select 'MODST', 'triage to start', any_value(TRIAGED), min(MODST) from started group by episode_row
    union all
    select 'DISD', 'last end to discharge', max(closing.MODEND), any_value(discharged.DISD)
    from discharged
    join closing on closing.episode_row = discharged.row
    group by discharged.row
    union all
    select 'EXITD', 'discharge to exit', DISD, EXITD from exited
),
days as (
    select field, subject, date_diff('day', try_cast(since as date), try_cast(until as date)) as days
    from steps
    where since is not null and until is not null
),
found as (
    select
        days.field,
        days.subject,
        median(days.days) as median_days,
        count(*) filter (days.days < 0) as negative,
        count(*) filter (days.days > interval_limits.most_days) as beyond,
        count(*) as records
    from days
    join interval_limits using (subject)
    group by all
)
select 'median days' as measure, field, subject, median_days as value from found
union all
select 'negative', field, subject, negative from found
union all
select 'beyond', field, subject, beyond from found
union all
select 'intervals', field, subject, records from found;
