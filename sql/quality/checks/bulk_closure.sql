-- Many records were closed on one day.
with judged as (
    select
        most.field,
        days.subject as day,
        most.found,
        volumes.found as records,
        most.usual as expected,
        2 * (sqrt(most.found + 0.375) - sqrt(if(most.months >= least_months, most.usual, 0) + 0.375))
            / (greatest(1, most.root_spread) * closure_deviations) as score,
        closure_records,
        closure_share
    from compared as most
    join counts as days on days.measure = 'day' and days.is_this and days.field = most.field
    join compared as volumes on volumes.measure = 'volume' and volumes.field = most.field and volumes.subject = '',
        limits
    where most.measure = 'most on a day'
)
select
    field,
    day as subject,
    found,
    expected,
    score,
    format('{} is {} in {:d} of the {:d} records that end in the month, usually at most {:.0f} end on one day: check'
        ' whether they were closed together.', titled, day, found::bigint, records::bigint, expected) as text
from judged
join fields using (field)
where score > 1 and found >= closure_records and found >= closure_share * records
