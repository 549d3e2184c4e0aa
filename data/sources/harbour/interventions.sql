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
-- The treatments of test patients, deleted referrals and referrals that wait are left out.
join assessed on assessed.referral_id = treatments.referral_id
where is_kept(treatments.is_deleted)
