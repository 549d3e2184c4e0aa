-- The agency that sent each episode last, in the landed months of a source before a month.
with earlier as (
    select run_id, agency, period, run_number
    from runs
    where
        status = 'landed'
        and source = $source
        and period < $period
        and run_number = (
            select max(again.run_number)
            from runs as again
            where again.status = 'landed' and again.agency = runs.agency and again.period = runs.period
        )
)
select EPISODID, arg_max(agency, (period, run_number)) as agency
from internal.sent_episodes
join earlier using (run_id)
group by EPISODID
