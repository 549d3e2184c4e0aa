-- The other runs of the month that people have to know of: the one in force, and the last one after this.
select
    arg_max(runs.run_id, runs.run_number) filter (runs.status = 'landed') as in_force,
    arg_max(runs.run_id, runs.run_number) filter (
        runs.run_number > this.run_number and runs.status <> 'failed'
    ) as later
from runs
join runs as this on this.agency is not distinct from runs.agency and this.period = runs.period
where this.run_id = $run;
