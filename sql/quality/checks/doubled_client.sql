-- Clients who have the initials, date of birth and sex of another client in the file.
with judged as (
    select *, greatest(doubled_share, if(months >= least_months, usual_share, 0)) as expected_share
    from shares, limits
    where measure = 'record' and subject = 'doubled'
),
scored as (
    select
        *, (found - records * expected_share) / (share_deviations * sqrt(records * expected_share) + 2) as score
    from judged
)
select
    field,
    subject,
    found,
    round(records * usual_share, 1) as expected,
    score,
    format('{:d} of {:d} clients have the initials, the date of birth and the sex of another client in the file, usually'
        ' {:.0f} %: check whether the export has clients twice.', found::bigint, records::bigint, 100 * usual_share
    ) as text
from scored
where score > 1
