-- The sent episodes of the known runs, one row each: ids as the audit shows them, dates, and the meaning of each code.
-- A meaning is null where the field is blank or its value is not in the list.
create or replace temp table listed_episodes as
select
    episodes.run_id,
    episodes.row as episode_row,
    clients.row as client_row,
    episodes.source_line,
    coalesce(recorded.client_id, clients.CLIENTID) as client_id,
    case when identifying.row is null then clients.CLIENT else $mask end as client,
    coalesce(recorded.episode_id, episodes.EPISODID) as episode_id,
    -- NDTMS links a client's treatment at two providers by these four fields (Appendix G).
    case
        when clients.FINITIAL is not null and clients.SINITIAL is not null and clients.DOB is not null
            and clients.SEX is not null
        then md5(concat_ws('|', clients.FINITIAL, clients.SINITIAL, clients.DOB, clients.SEX))
    end as person,
    try_cast(episodes.INTRCPTD as date) as first_reception,
    try_cast(episodes.RECPDT as date) as reception,
    try_cast(episodes.TRIAGED as date) as triage,
    try_cast(episodes.DISD as date) as discharge,
    try_cast(episodes.EXITD as date) as exit_day,
    episodes.DISRSN,
    episodes.EXITRSN,
    episodes.EXITDEST,
    episodes.RTOAGNCY,
    episodes.CLINREV,
    episodes.NPSUSE,
    episodes.LIVSCRN,
    episodes.MHTXEXIT,
    episodes.SENTENCED,
    episodes.REFHEPCTX,
    episodes.RECONNECT,
    episodes.THNALOX,
    episodes.HOMELESSEXIT,
    discharge_reasons.concept as discharge_means,
    exit_reasons.concept as exit_means,
    destinations.label as destination,
    destinations.concept as destination_means,
    referrals.concept as referral_means,
    reviews.concept as review_means
from internal.sent_episodes as episodes
join landed_runs on landed_runs.run_id = episodes.run_id
join internal.sent_clients as clients on clients.run_id = episodes.run_id and clients.row = episodes.client_row
left join internal.recorded_outcomes as recorded
    on recorded.run_id = episodes.run_id and recorded.entity = 'episode' and recorded.row = episodes.row
left join (select distinct run_id, row from internal.found where rule = 'CLIENT.identifying') as identifying
    on identifying.run_id = clients.run_id and identifying.row = clients.row
left join meanings as discharge_reasons
    on discharge_reasons.list = 'DISRSN' and discharge_reasons.code = episodes.DISRSN
    and landed_runs.last_day between discharge_reasons.valid_from and discharge_reasons.valid_to
left join meanings as exit_reasons
    on exit_reasons.list = 'EXITRSN' and exit_reasons.code = episodes.EXITRSN
    and landed_runs.last_day between exit_reasons.valid_from and exit_reasons.valid_to
left join meanings as destinations
    on destinations.list = 'EXITDEST' and destinations.code = episodes.EXITDEST
    and landed_runs.last_day between destinations.valid_from and destinations.valid_to
left join meanings as referrals
    on referrals.list = 'RTOAGNCY' and referrals.code = episodes.RTOAGNCY
    and landed_runs.last_day between referrals.valid_from and referrals.valid_to
left join meanings as reviews
    on reviews.list = 'CLINREV' and reviews.code = episodes.CLINREV
    and landed_runs.last_day between reviews.valid_from and reviews.valid_to
where episodes.run_id in (select run_id from known_runs);
