-- Always 1; the label is the version of the program that made the last run.
select agency, software_version as version, 1 as value
from last_runs
order by agency;
