-- The days between two steps of treatment have changed, are too many too often, or are negative.
with medians as (
    select
        days.field,
        days.subject,
        days.found,
        days.usual as expected,
        abs(days.found - days.usual) / (
            median_deviations * greatest(days.spread, abs(days.usual) / sqrt(intervals.found)) + interval_days
        ) as score,
        format('The median from {} is {:.0f} days in {:d} records of the month, usually {:.0f}: check how the two dates'
            ' are recorded and mapped.', days.subject, days.found, intervals.found::bigint, days.usual) as text
    from compared as days
    join compared as intervals
        on intervals.measure = 'intervals'
        and intervals.field = days.field
        and intervals.subject = days.subject, limits
    where days.measure = 'median days' and intervals.found >= least_records and days.months >= 2 * least_months
),
parts as (
    select
        field,
        subject,
        found,
        round(records * usual_share, 1) as expected,
        if(measure = 'negative',
            (found - records * greatest(usual_share, negative_share))
                / (share_deviations * sqrt(records * greatest(usual_share, negative_share)) + 2),
            if(months >= least_months and earlier_records > 0 and share - usual_share >= share_change,
                deviations / share_deviations, 0)
        ) as score,
        format('{} of the {:d} intervals from {} that end in the month {}, usually {:.0f} %: check the two dates of'
            ' these records.', found::bigint, records::bigint, subject,
            if(measure = 'negative', 'are negative', format('are longer than {:d} days', most_days)),
            100 * usual_share) as text
    from shares
    join interval_limits using (subject), limits
    where measure in ('negative', 'beyond')
)
select * from medians where score > 1
union all
select * from parts where score > 1
