-- Interventions: one row for each treatment that was recorded on an episode.

select
    treatments.treatment_id as MODID,
    treatments.referral_id as EPISODID,
    treatments.programme as MODAL,
    -- The dates are passed on as they are written: the program reads 03/04/2023, and reports what it cannot read.
    treatments.started_on as MODST,
    treatments.ended_on as MODEND,
    treatments.source_file,
    treatments.source_line
from treatments
left join all_referrals on all_referrals.referral_id = treatments.referral_id
where is_off(treatments.is_deleted)
    -- Leaves out the treatments of test patients, deleted referrals and referrals that wait.  A treatment without
    -- any referral is passed on, so that a finding reports it.
    and coalesce(all_referrals.is_episode, true)
