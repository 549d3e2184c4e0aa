-- The share of a code has moved; per field, the one that moved the most.  Codes without an answer have a check of their own.
with judged as (
    select *, abs(deviations) / share_deviations as score
    from shares, limits
    where
        measure = 'code'
        and months >= least_months
        and earlier_records > 0
        and (subject = '' or (found > 0 and earlier > 0))
        and share < one_code_share
        and abs(share - usual_share) >= share_change
        and not exists (
            from counts
            where measure = 'no answer' and counts.field = shares.field and counts.subject = shares.subject
        )
)
select
    field,
    subject,
    found,
    round(usual_share * records, 1) as expected,
    score,
    format('{} {} in {:.0f} % of {:d} records of the month, usually in {:.0f} %: check how the field is recorded and'
        ' mapped.', titled, case when subject = '' then 'is blank' else 'has the code ' || subject end,
        100 * share, records::bigint, 100 * usual_share) as text
from judged
join fields using (field)
where score > 1
qualify row_number() over (partition by field order by score desc, subject) = 1
