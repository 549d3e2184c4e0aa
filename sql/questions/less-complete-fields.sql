-- Which fields are at least one point less complete than in the month before?
with months as (
    select
        *,
        lag(percent_populated) over (partition by agency, field order by period) as percent_before
    from completeness_by_month
)
select agency, period, field, percent_before, percent_populated
from months
where percent_populated <= percent_before - 1 and ($agency::varchar is null or agency = $agency) and ($period::varchar is null or period = $period)
order by agency, period, field
