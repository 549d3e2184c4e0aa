-- People of the month before who are also at another agency of the home, or who were transferred to none of them.
with judged as (
    select
        *,
        if(subject = 'open elsewhere',
            (found - records * greatest(usual_share, elsewhere_share))
                / (share_deviations * sqrt(records * greatest(usual_share, elsewhere_share)) + 2),
            if(months >= least_months and earlier_records > 0 and share - usual_share >= share_change,
                deviations / share_deviations, 0)
        ) as score
    from shares, limits
    where measure = 'record' and subject in ('open elsewhere', 'not received elsewhere')
)
select
    field,
    subject,
    found,
    round(records * usual_share, 1) as expected,
    score,
    format('{:d} of the {:d} {} the month before {}, usually {:.0f} %: check {}.', found::bigint, records::bigint,
        if(subject = 'open elsewhere', 'people received in', 'people transferred in'),
        if(subject = 'open elsewhere', 'have no exit at another agency of this home where they were before',
            'were not received by another agency of this home'),
        100 * usual_share,
        if(subject = 'open elsewhere', 'whether an exit is missing there, or a client is here twice',
            'the exit reason and its mapping')) as text
from judged
where score > 1
