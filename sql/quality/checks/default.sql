-- A value that means nothing is known is used too often: more often than before, or than people can explain.
with judged as (
    select
        shares.*,
        limits.*,
        -- Without a history, the share that is expected of real answers.
        greatest(
            if(months >= least_months, usual_share, 0),
            case subject
                when '1 January' then 1 / 365
                when 'first of the month' then 12 / 365
                when 'no fixed abode' then no_abode_share
                else not_stated_share
            end
        ) as expected_share
    from shares, limits
    where measure = 'default'
),
scored as (
    select
        *,
        greatest(
            (found - records * expected_share) / (share_deviations * sqrt(records * expected_share) + 2),
            if(months >= least_months and earlier_records > 0 and share - usual_share >= share_change,
                deviations / share_deviations, 0)
        ) as score
    from judged
)
select
    field,
    subject,
    found,
    round(records * if(months >= least_months, usual_share, expected_share), 1) as expected,
    score,
    format('{} {} in {:d} of {:d} records of the month, {}: check whether it is a default of the system.',
        titled,
        case subject
            when '1 January' then 'is on 1 January'
            when 'first of the month' then 'is the first of the month'
            when 'no fixed abode' then 'is that of no fixed abode although HOUSING is a home'
            else 'is declined, unknown or not stated'
        end,
        found::bigint, records::bigint,
        if(months >= least_months, format('usually in {:.0f} %', 100 * usual_share),
            format('expected at most in {:.0f} %', 100 * expected_share))) as text
from scored
join fields using (field)
where score > 1 and found >= new_code_records
