-- Episodes whose first structured intervention starts from the first day of the month to the as-of day: one row each,
-- with what the definitions say of the client's treatment journey (Appendix D).
create or replace temp view new_treatment as
with starts as (
    select run_id, episode_row, min(start) as started
    from listed_interventions
    where is_structured
    group by all
),
started as (
    select listed_episodes.*, listed_runs.agency, starts.started, listed_runs.as_of
    from listed_episodes
    join listed_runs using (run_id)
    join starts using (run_id, episode_row)
    where starts.started between listed_runs.first_day and listed_runs.as_of
),
others as (
    select started.run_id, started.episode_row, started.started, same.triage, same.discharge, same.discharge_means,
        true as is_own
    from started
    join listed_episodes as same
        on same.run_id = started.run_id and same.client_row = started.client_row
        and same.episode_row <> started.episode_row
    union all
    select started.run_id, started.episode_row, started.started, other.triage, other.discharge, other.discharge_means,
        false
    from started
    join known_runs on known_runs.listed_run_id = started.run_id and not known_runs.is_own
    join listed_episodes as other on other.run_id = known_runs.run_id and other.person = started.person
),
-- Other episodes of the client at any agency of the home that began before, and were open or ended in the last 21 days.
earlier as (
    select
        run_id,
        episode_row,
        bool_or(
            not is_own
            and discharge_means in (
                'transferred_in_custody', 'transferred_not_in_custody', 'transferred_recommissioning'
            )
            and discharge <= started
        ) as is_joined
    from others
    where triage < started and (discharge is null or discharge >= started - 21)
    group by all
)
select
    started.run_id,
    started.triage,
    started.started,
    case
        when earlier.is_joined then 'same journey: within 21 days of a transfer from another agency'
        when earlier.run_id is not null then 'the definitions do not say: open, or discharged up to 21 days before'
        else 'new journey'
    end as journey
from started
left join earlier using (run_id, episode_row);
