-- Transfers in custody up to the as-of day: one row per episode of a listed run, with what followed at another agency
-- of the home. The 21 days are counted from the discharge (Appendix D); day 21 is still within them.
create or replace temp view transfers as
with transferred as (
    select
        listed_episodes.*,
        listed_runs.agency,
        listed_runs.period,
        listed_runs.as_of,
        discharge + 21 as last_day_to_follow
    from listed_episodes
    join listed_runs using (run_id)
    where discharge_means = 'transferred_in_custody' and discharge <= as_of
),
-- The client's episodes at the other agencies, as known on the day.
elsewhere as (
    select
        transferred.run_id,
        transferred.episode_row,
        transferred.discharge,
        transferred.last_day_to_follow,
        known_runs.agency as other_agency,
        known_runs.known_to,
        others.run_id as other_run_id,
        others.episode_row as other_row,
        -- The client is still in the period in custody in which the transfer took place.
        others.reception between transferred.discharge and transferred.as_of
            and others.first_reception <= transferred.discharge as is_same_custody
    from transferred
    join known_runs on known_runs.listed_run_id = transferred.run_id and not known_runs.is_own
    join listed_episodes as others on others.run_id = known_runs.run_id and others.person = transferred.person
),
starts as (
    select
        elsewhere.run_id,
        elsewhere.episode_row,
        min(interventions.start) filter (is_structured) as started,
        arg_min(other_agency, (interventions.start, other_agency)) filter (is_structured) as started_at,
        bool_or(is_structured is null and interventions.start <= last_day_to_follow) as may_be_structured
    from elsewhere
    join listed_interventions as interventions
        on interventions.run_id = elsewhere.other_run_id and interventions.episode_row = elsewhere.other_row
    where interventions.start between elsewhere.discharge and elsewhere.known_to
    group by all
),
seen as (
    select
        run_id,
        episode_row,
        bool_or(is_same_custody) as is_seen,
        bool_and(known_to >= last_day_to_follow) filter (is_same_custody) as is_covered
    from elsewhere
    group by all
),
answers as (
    select
        transferred.*,
        started,
        started_at,
        case
            when started <= last_day_to_follow then 'the client started structured treatment'
            when person is null then 'the client cannot be linked: an initial, DOB or SEX is blank'
            when as_of < last_day_to_follow then 'the 21 days are not over'
            when may_be_structured then 'the MODAL of an intervention there is blank or not in the list'
            when is_seen and not is_covered then 'a later month of that agency has not landed'
            when is_seen then 'the client is there, without structured treatment in the 21 days'
            else 'the client is not seen in this period in custody at another agency of the home'
        end as reason
    from transferred
    left join starts using (run_id, episode_row)
    left join seen using (run_id, episode_row)
)
select
    agency,
    period,
    as_of,
    case
        when started <= last_day_to_follow then 'yes'
        when reason like 'the client is there%' then 'no'
        else 'not known'
    end as followed,
    reason,
    discharge,
    last_day_to_follow,
    started,
    started - discharge as days,
    started_at,
    EXITDEST as destination_code,
    client_id,
    client,
    episode_id,
    'Appendix D (Discharging clients as ''transferred''); Appendix G' as section,
    source_line
from answers
order by agency, period, discharge, client_id, episode_id, source_line;
