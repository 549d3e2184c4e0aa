-- Each count of the month next to those of the agency's months before it.
-- Reads counts (period, is_this, measure, field, subject, value), months (period, is_this) and fields (field, titled).
create temp table history as
-- A count that a month does not have is 0.
select keys.measure, keys.field, keys.subject, months.period, months.is_this, coalesce(counts.value, 0) as value
from (select distinct measure, field, subject from counts) as keys
cross join months
left join counts
    on counts.measure = keys.measure
    and counts.field = keys.field
    and counts.subject = keys.subject
    and counts.period = months.period;

-- found: this month's count.  usual, spread: the median of the months before, and how far they are from it (the median
-- absolute deviation, scaled so that it is a standard deviation where counts are normal).  root_spread: the same of
-- 2 * sqrt(count), which has a standard deviation of 1 whatever the size of a random count.
create temp table compared as
select
    measure,
    field,
    subject,
    coalesce(max(value) filter (is_this), 0) as found,
    coalesce(median(value) filter (not is_this), 0) as usual,
    coalesce(1.4826 * mad(value) filter (not is_this), 0) as spread,
    coalesce(1.4826 * mad(2 * sqrt(greatest(value, 0) + 0.375)) filter (not is_this), 0) as root_spread,
    coalesce(sum(value) filter (not is_this), 0) as earlier,
    count(*) filter (not is_this) as months
from history
group by measure, field, subject;

-- Counts that are part of a total: found of records in this month, earlier of earlier_records in the months before.
-- deviations: how far the two shares are apart, in standard deviations; the arc sine makes their size the same for
-- small and large shares.
create temp table shares as
with parts as (
    select compared.*, totals.found as records, totals.earlier as earlier_records
    from compared
    join (values ('code', 'coded'), ('default', 'default of'), ('negative', 'intervals'), ('beyond', 'intervals'),
        ('record', 'record of')) as bases (measure, base) using (measure)
    join compared as totals
        on totals.measure = bases.base
        and totals.field = compared.field
        and (totals.subject = compared.subject or totals.measure = 'coded')
)
select
    *,
    found / greatest(records, 1) as share,
    earlier / greatest(earlier_records, 1) as usual_share,
    2 * (asin(sqrt(found / greatest(records, 1))) - asin(sqrt(earlier / greatest(earlier_records, 1))))
        / sqrt(1 / greatest(records, 1) + 1 / greatest(earlier_records, 1)) as deviations
from parts
where records > 0;
