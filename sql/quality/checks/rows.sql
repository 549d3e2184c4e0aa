-- The file has many more or fewer rows than its growth from month to month explains.
with changes as (
    select period, is_this, value, lag(value) over (order by period) as before,
        value - lag(value) over (order by period) as change
    from history
    where measure = 'rows'
),
usual as (
    select
        median(change) as change,
        1.4826 * mad(change) as spread,
        count(*) as months,
        -- A month that is again as the last few were before an unusual one is not unusual itself.
        min(value) filter (place <= 3) as lowest,
        max(value) filter (place <= 3) as highest
    from (select *, row_number() over (order by period desc) as place from changes where not is_this)
),
judged as (
    select
        changes.*,
        usual.change as usual_change,
        usual.lowest,
        usual.highest,
        usual.months,
        volume_change,
        least_months,
        abs(changes.change - usual.change) / (volume_deviations * greatest(usual.spread, sqrt(changes.before + 1)))
            as score
    from changes, usual, limits
    where changes.is_this
)
select
    '' as field,
    '' as subject,
    value as found,
    before + usual_change as expected,
    score,
    format('The file has {:d} rows, about {:d} are usual after the {:d} of the month before: check that the export is'
        ' complete and has each record once.', value::bigint, (before + usual_change)::bigint, before::bigint) as text
from judged
where
    score > 1
    and months >= least_months
    and (value < lowest or value > highest)
    and abs(value - before - usual_change) >= volume_change * before
