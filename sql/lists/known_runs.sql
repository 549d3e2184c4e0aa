-- For each listed run, the run of every agency of the home that is known on its day: one row per listed run and agency.
-- `known_to` is the last day that the run describes.
create or replace temp table known_runs as
select
    listed_runs.run_id as listed_run_id,
    landed_runs.run_id,
    landed_runs.agency,
    landed_runs.agency = listed_runs.agency as is_own,
    least(landed_runs.last_day, listed_runs.as_of) as known_to
from listed_runs
join landed_runs
    on (landed_runs.agency = listed_runs.agency and landed_runs.run_id = listed_runs.run_id)
    or (landed_runs.agency <> listed_runs.agency and landed_runs.first_day <= listed_runs.as_of)
qualify row_number() over (
    partition by listed_runs.run_id, landed_runs.agency order by landed_runs.period desc
) = 1;
