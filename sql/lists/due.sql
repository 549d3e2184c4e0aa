-- What is due: one row per review, episode or intervention of a listed run with something to record, and the fields.
-- `due` is the day from which it is due; null where the dates do not say. `state` compares it with the as-of day.
create or replace temp view due as
with episodes as (
    select listed_episodes.*, listed_runs.agency, listed_runs.period, listed_runs.as_of
    from listed_episodes
    join listed_runs using (run_id)
),
-- The first day on which the substitution of an episode covers 13 weeks. A client who was first received into
-- custody 13 weeks or more before this setting may have had the review there.
review_days as (
    select run_id, episode_row, min(days.start + (91 - days.before)::integer) as review_day
    from substitution_days as days
    join episodes using (run_id, episode_row)
    where days.before + days.days >= 91 and episodes.reception - episodes.first_reception < 91
    group by all
),
-- The exit of the client that an episode must not outlast: its own, or that of another episode.
exits as (
    select episodes.run_id, episodes.episode_row, min(others.exit_day) as client_exit
    from episodes
    join episodes as others
        on others.run_id = episodes.run_id and others.client_row = episodes.client_row
        and (others.episode_row = episodes.episode_row or others.exit_day >= episodes.triage)
    group by all
),
next_receptions as (
    select episodes.run_id, episodes.episode_row, min(others.reception) as next_reception
    from episodes
    join episodes as others
        on others.run_id = episodes.run_id and others.client_row = episodes.client_row
        and others.reception > episodes.reception
    group by all
),
-- Episodes whose interventions have all ended; one that was rejected may still go on.
all_ended as (
    select episodes.run_id, episodes.episode_row, max(interventions.ended) as last_end
    from episodes
    join listed_interventions as interventions using (run_id, episode_row)
    where not exists (
        select 1
        from internal.recorded_outcomes as recorded
        where recorded.run_id = episodes.run_id and recorded.entity = 'intervention'
            and recorded.outcome = 'rejected' and recorded.episode_id = episodes.episode_id
    )
    group by all
    having bool_and(interventions.ended is not null)
),
known as (
    select
        episodes.*,
        review_day,
        client_exit,
        next_reception,
        last_end,
        discharge_means in (
            'transferred_not_in_custody', 'transferred_in_custody', 'deported', 'released_from_court', 'died'
        ) as discharge_means_exit
    from episodes
    left join review_days using (run_id, episode_row)
    left join exits using (run_id, episode_row)
    left join next_receptions using (run_id, episode_row)
    left join all_ended using (run_id, episode_row)
),
items as (
    select
        *,
        1 as position,
        '13-week review' as item,
        null::varchar as intervention_id,
        review_day as due,
        ['CLINREV'] as fields,
        '2 Episode details (CLINREV)' as section
    from known
    where discharge is null and DISRSN is null and review_day is not null and (CLINREV is null or review_means = 'no')
    union all by name
    select
        *,
        2 as position,
        'exit questions' as item,
        exit_day as due,
        list_filter([
            case when exit_day is not null and LIVSCRN is null then 'LIVSCRN' end,
            case when exit_day is not null and MHTXEXIT is null then 'MHTXEXIT' end,
            case when exit_day is not null and SENTENCED is null then 'SENTENCED' end,
            case when exit_day is not null and REFHEPCTX is null then 'REFHEPCTX' end,
            case when exit_means = 'released' and RECONNECT is null then 'RECONNECT' end,
            case when exit_means = 'released' and THNALOX is null then 'THNALOX' end,
            case when exit_means = 'released' and HOMELESSEXIT is null then 'HOMELESSEXIT' end,
            case when exit_means = 'released' and RTOAGNCY is null then 'RTOAGNCY' end,
            -- A release without onward referral has a destination too (Appendix G).
            case when EXITDEST is null and (
                (exit_day is not null and exit_means = 'transferred')
                or (exit_day is not null and exit_means = 'released' and referral_means in ('structured', 'recovery'))
                or (exit_means = 'released' and referral_means = 'none')
            ) then 'EXITDEST' end
        ], lambda field: field is not null) as fields,
        '2 Episode details (LIVSCRN to RTOAGNCY); Appendix G' as section
    from known
    union all by name
    select
        *,
        3 as position,
        'discharge questions' as item,
        discharge as due,
        list_filter([
            case when NPSUSE is null then 'NPSUSE' end,
            case when CLINREV is null and review_day is not null then 'CLINREV' end
        ], lambda field: field is not null) as fields,
        '2 Episode details (NPSUSE, CLINREV)' as section
    from known
    where discharge is not null
    union all by name
    select
        known.*,
        4 as position,
        'intervention to close' as item,
        interventions.intervention_id,
        discharge as due,
        ['MODEND'] as fields,
        '2 Episode details (DISD); 3 Treatment intervention details (MODEND)' as section
    from known
    join listed_interventions as interventions using (run_id, episode_row)
    where known.discharge is not null and interventions.ended is null
    union all by name
    select
        *,
        5 as position,
        'episode to close' as item,
        case
            when discharge is not null then discharge
            when client_exit is not null then client_exit
            when EXITRSN is null and DISRSN is null then last_end
        end as due,
        list_filter([
            case when discharge is null then 'DISD' end, case when DISRSN is null then 'DISRSN' end
        ], lambda field: field is not null) as fields,
        '2 Episode details (DISD, DISRSN, EXITD)' as section
    from known
    where client_exit is not null or EXITRSN is not null or discharge is not null or DISRSN is not null
        or last_end is not null
    union all by name
    select
        *,
        6 as position,
        'exit to record' as item,
        coalesce(exit_day, least(next_reception, case when discharge_means_exit then discharge end)) as due,
        list_filter([
            case when exit_day is null then 'EXITD' end, case when EXITRSN is null then 'EXITRSN' end
        ], lambda field: field is not null) as fields,
        '2 Episode details (EXITD, EXITRSN, RECPDT); Appendix D' as section
    from known
    where exit_day is not null or EXITRSN is not null or next_reception is not null
        or (discharge_means_exit and discharge is not null)
    union all by name
    select
        listed_runs.run_id,
        listed_runs.agency,
        listed_runs.period,
        listed_runs.as_of,
        recorded.client_id,
        recorded.episode_id,
        recorded.source_line,
        7 as position,
        'consent to seek' as item,
        null::date as due,
        ['CONSENT'] as fields,
        '2 Episode details (CONSENT)' as section
    from listed_runs
    join internal.recorded_outcomes as recorded using (run_id)
    where recorded.entity = 'episode' and recorded.outcome = 'withheld'
    union all by name
    select known.*, 8 as position, 'consent to check' as item, null::date as due, ['CONSENT'] as fields,
        '2 Episode details (CONSENT)' as section
    from known
    join internal.found on found.run_id = known.run_id and found.entity = 'episode' and found.row = known.episode_row
    where found.rule = 'CONSENT.differs'
)
select
    agency,
    period,
    as_of,
    item,
    case when due is null then 'no date' when due < as_of then 'overdue' when due = as_of then 'due' else 'upcoming' end
        as state,
    due,
    client_id,
    client,
    episode_id,
    intervention_id,
    fields,
    section,
    source_line
from items
where len(fields) > 0
order by agency, period, position, due nulls last, client_id, episode_id, intervention_id, source_line;
