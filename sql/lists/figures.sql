-- The figures of each listed run: one row per figure and part. The parts of a figure add up to its `total`.
-- The month goes from its first day to the as-of day.
create or replace temp view figures as
with parts as (
    from (values
        (1, 'clients', 1, 'in treatment', 'Data entities (Episode details); 2 Episode details (TRIAGED, DISD)'),
        (1, 'clients', 2, 'not in treatment in the month', 'Data entities (Episode details)'),
        (2, 'clients in treatment', 1, 'structured intervention', 'Appendix A; Appendix E'),
        (2, 'clients in treatment', 2, 'not known: MODAL blank or not in the list', 'Appendix A; Appendix E'),
        (2, 'clients in treatment', 3, 'no structured intervention', 'Appendix A; Appendix E'),
        (3, 'structured treatment started', 1, 'new journey', 'Appendix D (Discharging clients as ''transferred'')'),
        (3, 'structured treatment started', 2, 'same journey: within 21 days of a transfer from another agency',
            'Appendix D (Discharging clients as ''transferred'')'),
        (3, 'structured treatment started', 3,
            'the definitions do not say: open, or discharged up to 21 days before',
            'Appendix D (Discharging clients as ''transferred'')'),
        (4, 'discharges', 1, 'treatment completed', 'Appendix D (Discharge reasons)'),
        (4, 'discharges', 2, 'transferred', 'Appendix D (Discharge reasons)'),
        (4, 'discharges', 3, 'incomplete', 'Appendix D (Discharge reasons)'),
        (4, 'discharges', 4, 'blank or not in the list', 'Appendix D (Discharge reasons)'),
        (5, 'transfers in custody whose 21 days ended', 1, 'yes',
            'Appendix D (Discharging clients as ''transferred'')'),
        (5, 'transfers in custody whose 21 days ended', 2, 'no',
            'Appendix D (Discharging clients as ''transferred'')'),
        (5, 'transfers in custody whose 21 days ended', 3, 'not known',
            'Appendix D (Discharging clients as ''transferred'')'),
        (6, 'exits', 1, 'released', 'Appendix D (Exit reason)'),
        (6, 'exits', 2, 'transferred', 'Appendix D (Exit reason)'),
        (6, 'exits', 3, 'absconded', 'Appendix D (Exit reason)'),
        (6, 'exits', 4, 'died', 'Appendix D (Exit reason)'),
        (6, 'exits', 5, 'blank or not in the list', 'Appendix D (Exit reason)')
    ) as given(position, figure, place, part, section)
    union all
    select position, figure, place, part, '2 Episode details (' || field || ')'
    from (values
        (7, 'MHTXEXIT', 'mental health treatment during stay (MHTXEXIT), exits'),
        (8, 'LIVSCRN', 'referral for alcohol related liver disease (LIVSCRN), exits'),
        (9, 'REFHEPCTX', 'referral to hepatitis C treatment (REFHEPCTX), exits'),
        (10, 'THNALOX', 'take home naloxone and training (THNALOX), releases'),
        (11, 'RECONNECT', 'Reconnect support (RECONNECT), releases')
    ) as asked(position, field, figure)
    cross join (values (1, 'yes'), (2, 'no'), (3, 'blank'), (4, 'not in the list')) as answers(place, part)
),
episodes as (
    select listed_episodes.*, listed_runs.first_day, listed_runs.as_of,
        triage <= as_of and (discharge is null or discharge >= first_day) as is_in_treatment
    from listed_episodes
    join listed_runs using (run_id)
),
clients as (
    select run_id, client_row, bool_or(coalesce(is_in_treatment, false)) as is_in_treatment
    from episodes
    group by all
),
in_treatment as (
    select
        clients.run_id,
        clients.client_row,
        bool_or(coalesce(is_structured, false)) as is_structured,
        bool_or(interventions.run_id is not null and is_structured is null) as may_be_structured
    from clients
    join episodes using (run_id, client_row)
    left join listed_interventions as interventions
        on interventions.run_id = episodes.run_id and interventions.episode_row = episodes.episode_row
        and interventions.start <= episodes.as_of
        and coalesce(interventions.ended, episodes.discharge, episodes.as_of) >= episodes.first_day
    where clients.is_in_treatment
    group by all
),
counted as (
    select run_id, 1 as position, case when is_in_treatment then 1 else 2 end as place
    from clients
    union all
    select run_id, 2, case when is_structured then 1 when may_be_structured then 2 else 3 end
    from in_treatment
    union all
    select run_id, 3, case when starts_with(journey, 'new') then 1 when starts_with(journey, 'same') then 2 else 3 end
    from new_treatment
    union all
    select run_id, 4, case
        when discharge_means = 'completed' then 1
        when discharge_means in (
            'transferred_not_in_custody', 'transferred_in_custody', 'transferred_recommissioning'
        ) then 2
        when discharge_means in (
            'referral_refused', 'dropped_out', 'withdrawn', 'declined_to_start', 'deported', 'released_from_court',
            'died'
        ) then 3
        else 4
    end
    from episodes
    where discharge between first_day and as_of
    union all
    select listed_runs.run_id, 5, case followed when 'yes' then 1 when 'no' then 2 else 3 end
    from transfers
    join listed_runs using (agency)
    where last_day_to_follow between listed_runs.first_day and listed_runs.as_of
    union all
    select run_id, 6, case exit_means
        when 'released' then 1 when 'transferred' then 2 when 'absconded' then 3 when 'died' then 4 else 5
    end
    from last_episodes
    join listed_runs using (run_id)
    where exit_day between first_day and as_of
    union all
    select
        run_id,
        case field
            when 'MHTXEXIT' then 7 when 'LIVSCRN' then 8 when 'REFHEPCTX' then 9 when 'THNALOX' then 10 else 11
        end,
        case answer when 'yes' then 1 when 'no' then 2 when 'blank' then 3 else 4 end
    from answers_at_exit
    join listed_runs using (run_id)
    where exit_day between first_day and as_of
        and (field not in ('THNALOX', 'RECONNECT') or exit_means = 'released')
),
days as (
    select run_id, 12 as position, 'days from reception (RECPDT) to triage (TRIAGED), triaged in the month' as figure,
        '2 Episode details (RECPDT, TRIAGED)' as section, triage - reception as days
    from episodes
    where triage between first_day and as_of
    union all
    select run_id, 13, 'days from triage (TRIAGED) to the first structured intervention (MODST), started in the month',
        '2 Episode details (TRIAGED); 3 Treatment intervention details (MODST)', started - triage
    from new_treatment
),
sizes as (
    select run_id, position, place, count(*) as value
    from counted
    group by all
),
measured as (
    select
        listed_runs.run_id,
        parts.*,
        case when position <= 2 then 'clients' when position <= 5 then 'episodes' else 'exits' end as unit,
        coalesce(sizes.value, 0) as value,
        (sum(coalesce(sizes.value, 0)) over (partition by listed_runs.run_id, position))::bigint as total
    from listed_runs
    cross join parts
    left join sizes using (run_id, position, place)
    union all by name
    select
        run_id,
        position,
        figure,
        1 as place,
        'median' as part,
        section,
        'days' as unit,
        quantile_disc(days, 0.5)::bigint as value,
        count(*) as total
    from days
    group by all
)
select
    listed_runs.agency,
    listed_runs.period,
    listed_runs.as_of,
    measured.figure,
    measured.part,
    measured.value,
    measured.total,
    measured.unit,
    measured.section
from measured
join listed_runs using (run_id)
order by agency, period, position, place;
