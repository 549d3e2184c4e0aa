-- Which inputs differ from those of the month before?
with months as (
    select run_id, agency, period, lag(run_id) over (partition by agency order by period) as earlier_run_id
    from latest_runs
)
select months.agency, months.period, now.item, now.name
from months
join manifest as now on now.run_id = months.run_id
left join manifest as earlier
    on earlier.run_id = months.earlier_run_id and earlier.item = now.item and earlier.name = now.name
where months.earlier_run_id is not null
    and now.item not in ('output', 'input', 'judged by', 'last submission', 'episodes that others sent')
    and now.digest is distinct from earlier.digest
    and ($agency::varchar is null or months.agency = $agency) and ($period::varchar is null or months.period = $period)
order by months.agency, months.period, now.item, now.name
