-- Seconds that the last run took.
select agency, period, epoch(finished_at) - epoch(started_at) as value
from last_runs
order by agency;
