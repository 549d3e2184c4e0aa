-- The days of opioid substitution of each episode: one row per part that no earlier part covers.
-- A spell lasts from MODST to MODEND, or to DISD, or goes on. `before` is the number of days before the part.
create or replace temp view substitution_days as
with spells as (
    select
        episodes.run_id,
        episodes.episode_row,
        interventions.start,
        coalesce(interventions.ended, episodes.discharge, date '9999-12-31') as until
    from listed_episodes as episodes
    join listed_interventions as interventions using (run_id, episode_row)
    where interventions.is_substitution and interventions.start <= until
),
parts as (
    select
        run_id,
        episode_row,
        until,
        greatest(start, max(until) over (
            partition by run_id, episode_row order by start, until
            rows between unbounded preceding and 1 preceding
        )) as start
    from spells
)
select
    run_id,
    episode_row,
    start,
    until - start as days,
    coalesce(sum(until - start) over (
        partition by run_id, episode_row order by start, until rows between unbounded preceding and 1 preceding
    ), 0) as before
from parts
where start < until;
