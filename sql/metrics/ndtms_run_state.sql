-- 1 for the state that the last run ended in, 0 for the others.
select agency, period, state, (state = status)::integer as value
from last_runs
cross join (select unnest(['landed', 'blocked', 'failed']) as state)
order by agency, state;
