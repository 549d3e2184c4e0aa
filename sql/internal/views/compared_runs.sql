-- The earlier run that each run is compared with: the previous run of its month, and the latest of the month before.
-- Both are the latest at the time; blocked runs count, because their findings are what people have worked on.
create or replace view internal.compared_runs as
select
    later.run_id,
    'run' as since,
    arg_max(earlier.run_id, (earlier.period, earlier.run_number)) as earlier_run_id
from main.runs as later
left join main.runs as earlier
    on earlier.agency is not distinct from later.agency
    and earlier.status <> 'failed'
    and earlier.period <= later.period
    and earlier.run_number < later.run_number
where later.status <> 'failed'
group by later.run_id
union all
select
    later.run_id,
    'month',
    arg_max(earlier.run_id, (earlier.period, earlier.run_number))
from main.runs as later
left join main.runs as earlier
    on earlier.agency is not distinct from later.agency
    and earlier.status <> 'failed'
    and earlier.period < later.period
    and earlier.run_number < later.run_number
where later.status <> 'failed'
group by later.run_id;
