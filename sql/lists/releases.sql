-- Clients who leave, or left in the month, with ongoing need (Appendix G): one row per stay, by its last episode.
-- A client leaves while there is no exit up to the as-of day. `missing` are the fields to record that are blank;
-- `to_check` are those that contradict the scenario of Appendix G.
create or replace temp view releases as
with episodes as (
    select
        last_episodes.*,
        listed_runs.agency,
        listed_runs.period,
        listed_runs.first_day,
        listed_runs.as_of,
        case
            when discharge_means = 'transferred_not_in_custody' then 'structured treatment'
            -- Without a release, the refused referral may have been to another secure setting.
            when discharge_means = 'referral_refused' and exit_means = 'released' then 'structured treatment, refused'
            when discharge_means = 'released_from_court' then 'released from court, treatment not completed'
            when referral_means = 'structured' then 'structured treatment'
            when referral_means = 'recovery' then 'recovery support'
        end as need
    from last_episodes
    join listed_runs using (run_id)
    where EXITRSN is null or exit_means is null or exit_means = 'released'
)
select
    agency,
    period,
    as_of,
    coalesce(destination, case when EXITDEST is null then 'not recorded' else 'not in the list' end)
        as receiving_authority,
    EXITDEST as destination_code,
    need,
    case when exit_day <= as_of then 'left' else 'leaves' end as state,
    discharge,
    exit_day,
    client_id,
    client,
    episode_id,
    list_filter([
        case when discharge is null then 'DISD' end,
        case when DISRSN is null then 'DISRSN' end,
        case when exit_day is null then 'EXITD' end,
        case when EXITRSN is null then 'EXITRSN' end,
        case when EXITDEST is null then 'EXITDEST' end,
        case when RTOAGNCY is null then 'RTOAGNCY' end,
        case when exit_day is not null and LIVSCRN is null then 'LIVSCRN' end,
        case when exit_day is not null and MHTXEXIT is null then 'MHTXEXIT' end,
        case when exit_day is not null and SENTENCED is null then 'SENTENCED' end,
        case when exit_day is not null and REFHEPCTX is null then 'REFHEPCTX' end,
        case when exit_means = 'released' and RECONNECT is null then 'RECONNECT' end,
        case when exit_means = 'released' and THNALOX is null then 'THNALOX' end,
        case when exit_means = 'released' and HOMELESSEXIT is null then 'HOMELESSEXIT' end
    ], lambda field: field is not null) as missing,
    list_filter([
        case
            when discharge_means = 'transferred_not_in_custody' and referral_means <> 'structured'
                and destination_means is distinct from 'non_ndtms_secure' then 'RTOAGNCY'
            when discharge_means in ('referral_refused', 'completed') and referral_means = 'structured' then 'RTOAGNCY'
            when discharge_means = 'released_from_court' and referral_means <> 'none' then 'RTOAGNCY'
        end
    ], lambda field: field is not null) as to_check,
    'Appendix G; Appendix D; 2 Episode details' as section,
    source_line
from episodes
where need is not null and (exit_day is null or exit_day >= first_day)
order by agency, period, receiving_authority, destination_code, state, discharge nulls last, client_id, episode_id,
    source_line;
