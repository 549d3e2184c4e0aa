-- Hardly any date of a field is after the 12th, as where the day and the month are swapped: 3 of 5 days are.
with judged as (
    select
        days.field,
        days.found,
        dates.found as records,
        0.6 * dates.found as expected,
        (0.6 * dates.found - days.found) / sqrt(0.24 * dates.found) / share_deviations as score,
        swapped_share
    from compared as days
    join compared as dates on dates.measure = 'dates' and dates.field = days.field, limits
    where days.measure = 'after the 12th' and dates.found > 0
)
select
    field,
    '' as subject,
    found,
    round(expected, 1) as expected,
    score,
    format('{} is after the 12th of a month in {:d} of {:d} records of the file, about {:d} are expected: check whether'
        ' the day and the month are swapped.', titled, found::bigint, records::bigint, expected::bigint) as text
from judged
join fields using (field)
where score > 1 and found < swapped_share * records
