-- Rows of the submission file of the last run; 0 if it landed none.
select agency, period, rows_sent as value
from last_runs
order by agency;
