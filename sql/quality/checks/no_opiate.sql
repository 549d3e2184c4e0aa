-- Opioid treatment of people without an opiate among their problem substances.
with judged as (
    select *, greatest(no_opiate_share, if(months >= least_months, usual_share, 0)) as expected_share
    from shares, limits
    where measure = 'record' and subject = 'without an opiate'
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
    format('{:d} of {:d} opioid interventions that started in the month are for episodes without an opiate, usually'
        ' {:.0f} %: check DRUG1 to DRUG3 and their mapping.', found::bigint, records::bigint, 100 * usual_share) as text
from scored
where score > 1
