-- A code that the agency usually sends is in no record of the month, and chance does not explain it.
with judged as (
    select *, earlier * ln(earlier_records / (records + earlier_records)) / ln(chance) as score
    from shares, limits
    where measure = 'code' and subject <> '' and found = 0 and earlier > 0 and months >= least_months
)
select
    field,
    subject,
    found,
    round(usual_share * records, 1) as expected,
    score,
    format('{} has the code {} in none of {:d} records of the month and in {:.0f} % of those of the {:d} months before:'
        ' check the mapping of this code.', titled, subject, records::bigint, 100 * usual_share, months) as text
from judged
join fields using (field)
where score > 1
