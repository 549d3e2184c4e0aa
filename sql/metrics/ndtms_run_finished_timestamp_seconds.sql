-- When the last run ended, in seconds since 1970.
select agency, period, epoch(finished_at) as value
from last_runs
order by agency;
