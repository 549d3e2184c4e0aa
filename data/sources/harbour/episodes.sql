-- Episodes: one row for each referral that was assessed.
--
-- Each part below has at most one row for each referral, so the joins at the end add columns, never rows.

-- The latest answer to each question.  A blank answer does not replace an earlier one.
with answered as (
    select
        referral_id,
        answer(question, value, as_moment(answered_at), 'consent') as consent,
        answer(question, value, as_moment(answered_at), 'sexuality') as sexuality,
        answer(question, value, as_moment(answered_at), 'pregnant') as pregnant,
        answer(question, value, as_moment(answered_at), 'religion') as religion,
        answer(question, value, as_moment(answered_at), 'housing') as housing,
        answer(question, value, as_moment(answered_at), 'abuse by others') as abuse_by_others,
        answer(question, value, as_moment(answered_at), 'abuse of others') as abuse_of_others,
        answer(question, value, as_moment(answered_at), 'last paid work') as last_paid_work,
        answer(question, value, as_moment(answered_at), 'armed forces') as armed_forces,
        answer(question, value, as_moment(answered_at), 'parental responsibility') as is_parent,
        answer(question, value, as_moment(answered_at), 'children at home') as children_at_home,
        answer(question, value, as_moment(answered_at), 'children in household') as children,
        answer(question, value, as_moment(answered_at), 'drinking days') as drinking_days,
        answer(question, value, as_moment(answered_at), 'drinking units') as drinking_units,
        answer(question, value, as_moment(answered_at), 'injecting') as injecting,
        answer(question, value, as_moment(answered_at), 'mental health need') as mental_health_need,
        answer(question, value, as_moment(answered_at), 'mental health care before') as mental_health_care_before,
        answer(question, value, as_moment(answered_at), 'paid for sex') as paid_for_sex,
        answer(question, value, as_moment(answered_at), 'spice') as spice,
        answer(question, value, as_moment(answered_at), '13-week review') as review,
        answer(question, value, as_moment(answered_at), 'liver referral') as liver_referral,
        answer(question, value, as_moment(answered_at), 'hepatitis C referral') as hep_c_referral,
        answer(question, value, as_moment(answered_at), 'hepatitis C referral date') as hep_c_referred_on,
        -- Several values are one text, such as 'Hearing; Sight'.  A list starts with 1, and is NULL past its end.
        string_split(answer(question, value, as_moment(answered_at), 'disabilities'), '; ') as disabilities,
        string_split(answer(question, value, as_moment(answered_at), 'family support'), '; ') as family_support
    from answers
    where is_off(is_deleted)
    group by referral_id
),
used as (
    select
        referral_id,
        nth(substance, rank, 1) as first_substance,
        nth(substance, rank, 2) as second_substance,
        nth(substance, rank, 3) as third_substance
    from substances
    where is_off(is_deleted)
    group by referral_id
),
-- The latest test of each kind.  Its result and its day must be from one row, so the row is chosen first.
-- Tests are ordered by when they were recorded, because the day of the test is often a year only.
latest_tests as (
    select referral_id, kind, result, taken_on
    from tests
    where is_off(is_deleted)
    qualify row_number() over (
        partition by referral_id, kind order by as_moment(recorded_at) desc nulls last, test_id
    ) = 1
),
tested as (
    select
        referral_id,
        max(result) filter (where kind = 'AUDIT') as audit,
        max(result) filter (where kind = 'Hepatitis B') as hep_b,
        max(result) filter (where kind = 'Hepatitis C') as hep_c,
        max(taken_on) filter (where kind = 'Hepatitis C') as hep_c_tested_on,
        max(result) filter (where kind = 'HIV') as hiv,
        max(taken_on) filter (where kind = 'HIV') as hiv_tested_on
    from latest_tests
    group by referral_id
),
-- The address on the day of the triage: a later one must not change what was sent.
lived as (
    select
        assessed.referral_id,
        latest(addresses.address_id, as_day(addresses.valid_from), tie := addresses.address_id) as address_id
    from assessed
    join patient_ids on patient_ids.current_id = assessed.patient_id
    join addresses on addresses.patient_id = patient_ids.patient_id
    where is_off(addresses.is_deleted)
        and as_day(addresses.valid_from) <= assessed.triaged_on
        and (addresses.valid_to is null or assessed.triaged_on < as_day(addresses.valid_to))
    group by assessed.referral_id
),
-- The stay in which the client was triaged: the last one that began by then.
stayed as (
    select assessed.referral_id, latest(stays.stay_id, stays.arrival, tie := stays.stay_id) as stay_id
    from assessed
    join stays($last_day) as stays on stays.patient_id = assessed.patient_id
    where stays.arrived_on <= assessed.triaged_on
    group by assessed.referral_id
)
select
    assessed.referral_id as EPISODID,
    assessed.patient_id as CLIENTID,
    answered.consent as CONSENT,
    addresses.postcode as PC,
    addresses.benefits_area as NFA_UTLA,
    stays.received_on as INTRCPTD,
    stays.arrived_on as RECPDT,
    stays.transferred_from as PRISON,
    as_day_or_text(assessed.triaged_at) as TRIAGED,
    answered.sexuality as SEXUALO,
    answered.pregnant as PREGNANT,
    answered.religion as RELIGION,
    answered.disabilities[1] as DISABLE1,
    answered.disabilities[2] as DISABLE2,
    answered.disabilities[3] as DISABLE3,
    answered.housing as HOUSING,
    answered.abuse_by_others as DOMVIC,
    answered.abuse_of_others as DOMPER,
    answered.last_paid_work as TSLPE,
    answered.armed_forces as VETERAN,
    answered.is_parent as PARENT,
    answered.children_at_home as PRNTSTAT,
    answered.children as CHILDWTH,
    answered.family_support[1] as EHCS,
    answered.family_support[2] as EHCS2,
    answered.family_support[3] as EHCS3,
    used.first_substance as DRUG1,
    used.second_substance as DRUG2,
    used.third_substance as DRUG3,
    answered.drinking_days as ALCDDAYS,
    answered.drinking_units as ALCUNITS,
    answered.injecting as INJSTAT,
    tested.audit as AUDIT,
    tested.hep_b as HEPBSTAT,
    tested.hep_c as HEPCSTAT,
    tested.hep_c_tested_on as HEPCTSTD,
    tested.hiv as HIVSTAT,
    tested.hiv_tested_on as HIVTESTDT,
    answered.liver_referral as LIVSCRN,
    answered.mental_health_need as DUALDIAG,
    answered.mental_health_care_before as MHTINT,
    answered.paid_for_sex as SEXWORK,
    answered.spice as NPSUSE,
    answered.review as CLINREV,
    as_day_or_text(discharges.discharged_at) as DISD,
    discharges.reason as DISRSN,
    discharges.through_the_gate as RECONNECT,
    discharges.mental_health_care as MHTXEXIT,
    discharges.sentence_status as SENTENCED,
    discharges.naloxone as THNALOX,
    answered.hep_c_referral as REFHEPCTX,
    answered.hep_c_referred_on as REFHEPCTXDT,
    discharges.homeless_on_release as HOMELESSEXIT,
    stays.left_on as EXITD,
    stays.left_by as EXITRSN,
    stays.left_for as EXITDEST,
    discharges.onward_referral as RTOAGNCY,
    assessed.source_file,
    assessed.source_line
from assessed
left join answered on answered.referral_id = assessed.referral_id
left join used on used.referral_id = assessed.referral_id
left join tested on tested.referral_id = assessed.referral_id
left join lived on lived.referral_id = assessed.referral_id
left join addresses on addresses.address_id = lived.address_id
left join stayed on stayed.referral_id = assessed.referral_id
left join stays($last_day) as stays on stays.stay_id = stayed.stay_id
-- Harbour keeps one discharge for each referral; a second one would repeat the episode, and a finding reports that.
left join discharges on discharges.referral_id = assessed.referral_id and is_off(discharges.is_deleted)
