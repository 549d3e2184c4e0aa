-- No AUDIT score is above 12, the highest score of its first three questions (AUDIT-C).
select
    field,
    subject,
    found,
    null::double as expected,
    (records + earlier_records) / audit_scores as score,
    format('No {} of {:d} in the month and the {:d} months before is above 12: check that the score is that of all ten'
        ' questions, not of the first three.', titled, (records + earlier_records)::bigint, months) as text
from shares
join fields using (field), limits
where
    measure = 'record' and field = 'AUDIT' and found = 0 and earlier = 0 and records + earlier_records >= audit_scores
