-- One code now has almost all records, which it did not have before.
with judged as (
    select *, deviations / share_deviations as score
    from shares, limits
    where
        measure = 'code'
        and months >= least_months
        and earlier_records > 0
        and records >= least_records
        and share >= one_code_share
        and usual_share < one_code_share
)
select
    field,
    subject,
    found,
    round(usual_share * records, 1) as expected,
    score,
    format('{} {} in {:.0f} % of {:d} records of the month, usually in {:.0f} %: check whether it is a default of the'
        ' system.', titled, case when subject = '' then 'is blank' else 'has the code ' || subject end, 100 * share,
        records::bigint, 100 * usual_share) as text
from judged
join fields using (field)
where score > 1
