-- Code lists of the last run that are not the official ones; do not send the file unless it is 0.
select agency, period, len(provisional_lists) as value
from last_runs
where status <> 'failed'
order by agency;
