-- A code that the agency has not sent in the months before, and that chance does not explain.
-- If all records were in random order, those with the code would all be in this month with this probability.
with judged as (
    select *, found * ln(records / (records + earlier_records)) / ln(chance) as score
    from shares, limits
    where measure = 'code' and subject <> '' and earlier = 0 and earlier_records > 0 and months >= least_months
)
select
    field,
    subject,
    found,
    0 as expected,
    score,
    format('{} has the code {} in {:d} of {:d} records of the month and in none of {:d} of the {:d} months before: check'
        ' the mapping of this code.', titled, subject, found::bigint, records::bigint, earlier_records::bigint, months
    ) as text
from judged
join fields using (field)
where score > 1 and found >= new_code_records
