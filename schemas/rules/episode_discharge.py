"""Rules of episodes: discharge, the fields to complete at discharge, and discharge reasons (Appendices D and G)."""

from schemas.conditions.condition import all_of, any_of
from schemas.conditions.values import Flag
from schemas.fields import (
    CLINREV,
    DISD,
    DISRSN,
    EXITD,
    EXITRSN,
    INTRCPTD,
    MODAL,
    NPSUSE,
    RECPDT,
    RTOAGNCY,
    TRIAGED,
)
from schemas.rule import ERROR, SECTION, WARNING, Statement, applies_to
from schemas.rule_registry import rule

_OPIOID_SUBSTITUTION = MODAL.means("opioid_maintenance", "opioid_reduction", "opioid_substitution")
_BRIEF = MODAL.means("not_reported_alone")
_SOME_SUBSTITUTION = Flag(
    "has_substitution", "the episode has an opioid substitution intervention", (_OPIOID_SUBSTITUTION,)
)
_LONG_SUBSTITUTION = Flag(
    "has_long_substitution", "the opioid substitution of the episode covers 91 days or more", (_OPIOID_SUBSTITUTION,)
)
_SOME_INTERVENTION = Flag("has_intervention", "the episode has an intervention")
_REPORTABLE = Flag(
    "has_reportable_intervention",
    "some intervention is neither alcohol brief intervention nor facilitated access to mutual aid",
    (_BRIEF,),
)
_COMMENCED = Flag(
    "has_commenced",
    "an intervention that is neither alcohol brief intervention nor facilitated access to mutual aid has a MODST",
    (_BRIEF,),
)
_MAINTENANCE_LASTS = Flag(
    "maintenance_lasts",
    "an opioid maintenance intervention of the episode has no MODEND, or one on or after the DISD",
    (MODAL.means("opioid_maintenance"),),
)


@rule("DISD.order", WARNING, inferred=True)
def discharge_is_not_before_triage() -> Statement:
    """The {DISD} must not be before the {TRIAGED}.

    Fault: The {DISD} is before the {TRIAGED}.
    Fix: Correct the wrong one of the two dates in the clinical system.
    """
    return applies_to(DISD.is_populated).holds(DISD.is_on_or_after(TRIAGED))


@rule("DISD.pair", ERROR)
def discharge_reason_has_a_date() -> Statement:
    """A {DISRSN} must have a {DISD}.

    Fault: There is a {DISRSN}, but the {DISD} is blank.
    Fix: Record the discharge date, or remove the reason, in the clinical system.
    """
    return applies_to(DISRSN.is_populated).holds(DISD.is_populated)


@rule("DISRSN.pair", ERROR)
def discharge_date_has_a_reason() -> Statement:
    """A {DISD} must have a {DISRSN}.

    Fault: There is a {DISD}, but the {DISRSN} is blank.
    Fix: Record the discharge reason, or remove the date, in the clinical system.
    """
    return applies_to(DISD.is_populated).holds(DISRSN.is_populated)


@rule("NPSUSE.at_discharge", ERROR)
def npsuse_is_recorded_at_discharge() -> Statement:
    """The {NPSUSE} must be filled in at discharge.

    Fault: The episode has a {DISD}, but the {NPSUSE} is blank.
    Fix: Complete the field in the clinical system.
    """
    return applies_to(DISD.is_populated).holds(NPSUSE.is_populated)


@rule("CLINREV.at_discharge", WARNING)
def long_substitution_has_a_review() -> Statement:
    """An episode with 91 or more days of opioid substitution must have a {CLINREV} at discharge.

    Fault: The episode has 91 or more days of opioid substitution and a {DISD}, but the {CLINREV} is blank.
    Fix: Record in the clinical system whether the 13-week review took place.
    """
    # A client who was in custody for 91 days before this reception had the review elsewhere.
    received_here = ~INTRCPTD.is_days_before(RECPDT, 91)
    return applies_to(all_of(DISD.is_populated, _LONG_SUBSTITUTION, received_here)).holds(CLINREV.is_populated)


@rule("CLINREV.too_soon", WARNING)
def review_needs_long_substitution() -> Statement:
    """A discharged episode with a {CLINREV} must have 91 or more days of opioid substitution.

    Fault: The episode is discharged and has a {CLINREV}, but fewer than 91 days of opioid substitution.
    Fix: Correct the review, or the dates of the interventions, in the clinical system.
    """
    return applies_to(all_of(DISD.is_populated, CLINREV.is_populated, _SOME_SUBSTITUTION)).holds(_LONG_SUBSTITUTION)


@rule("CLINREV.not_applicable", WARNING)
def review_needs_substitution() -> Statement:
    """Only an episode with opioid substitution must have a {CLINREV}.

    Fault: The {CLINREV} is filled in, but the episode has no opioid substitution intervention.
    Fix: Remove the answer, or record the intervention, in the clinical system.
    """
    return applies_to(CLINREV.is_populated).holds(_SOME_SUBSTITUTION)


@rule("DISRSN.died", WARNING, inferred=True, section="Appendix D and G")
def death_is_discharge_and_exit_reason() -> Statement:
    """A death must be both the {DISRSN} and, on the day of discharge, the {EXITRSN}.

    Fault: Of the {DISRSN} and the {EXITRSN}, only one is 'died'.
    Fix: Correct the wrong one of the two reasons in the clinical system.
    """
    # A client may die after discharge, so the two days must be the same.
    died_at_exit_only = EXITRSN.means("died") & DISD.is_on(EXITD) & ~DISRSN.means("died")
    died_at_discharge_only = DISRSN.means("died") & ~EXITRSN.means("died")
    return applies_to(DISRSN.is_populated & EXITRSN.is_populated).holds(
        ~any_of(died_at_exit_only, died_at_discharge_only)
    )


@rule("DISRSN.transfer_in_custody", WARNING, section="Appendix D and G")
def transfer_in_custody_exits_as_transferred() -> Statement:
    """A client with {DISRSN} 'transferred in custody' must have the {EXITRSN} 'transferred'.

    Fault: The {DISRSN} is 'transferred in custody', but the {EXITRSN} is not 'transferred'.
    Fix: Correct the wrong one of the two reasons in the clinical system.
    """
    return applies_to(DISRSN.means("transferred_in_custody") & EXITRSN.is_populated).holds(EXITRSN.means("transferred"))


@rule("DISRSN.transfer_not_in_custody", WARNING, section="Appendix D and G")
def transfer_not_in_custody_exits_as_released() -> Statement:
    """A client with {DISRSN} 'transferred, not in custody' must have the {EXITRSN} 'released'.

    Fault: The {DISRSN} is 'transferred, not in custody', but the {EXITRSN} is not 'released'.
    Fix: Correct the wrong one of the two reasons in the clinical system.
    """
    return applies_to(DISRSN.means("transferred_not_in_custody") & EXITRSN.is_populated).holds(
        EXITRSN.means("released")
    )


@rule("DISRSN.without_exit", WARNING, section="Appendix D")
def discharge_that_ends_a_stay_has_an_exit() -> Statement:
    """A discharge with a reason that ends the stay must be followed by an {EXITD} within 7 days.

    Fault: The {DISRSN} ends the stay, and the {DISD} is 7 days or more before the extract, but the {EXITD} is blank.
    Fix: Record the exit in the clinical system, or correct the discharge reason.
    """
    ends_the_stay = DISRSN.means(
        "transferred_not_in_custody", "transferred_in_custody", "died", "deported", "released_from_court"
    )
    return applies_to(ends_the_stay & DISD.is_days_before_extract(7)).holds(EXITD.is_populated)


@rule("DISRSN.deported", WARNING, inferred=True, section="Appendix D")
def deported_client_exits_as_released() -> Statement:
    """A deported client must have the {EXITRSN} 'released'.

    Fault: The {DISRSN} is 'deported', but the {EXITRSN} is not 'released'.
    Fix: Correct the wrong one of the two reasons in the clinical system.
    """
    return applies_to(DISRSN.means("deported") & EXITRSN.is_populated).holds(EXITRSN.means("released"))


@rule("DISRSN.on_prescription", WARNING, section="Appendix D")
def completed_treatment_has_no_maintenance() -> Statement:
    """An episode completed free of drugs must not have opioid maintenance up to the {DISD}.

    Fault: The {DISRSN} is a completion that excludes opiates, but opioid maintenance did not end before the {DISD}.
    Fix: Correct the discharge reason, or the end of the maintenance, in the clinical system.
    """
    # 81 (alcohol free) has the same meaning 'completed', but says nothing about opiates.
    return applies_to(DISRSN.is_code("80", "82")).holds(~_MAINTENANCE_LASTS)


@rule("DISRSN.commenced", WARNING, section="Appendix D")
def declined_treatment_has_not_started() -> Statement:
    """An episode whose treatment the client declined must not have an intervention that started.

    Fault: The {DISRSN} says that the client declined to start treatment, but an intervention has an {MODST}.
    Fix: Correct the discharge reason, or the intervention, in the clinical system.
    """
    return applies_to(DISRSN.means("declined_to_start")).holds(~_COMMENCED)


@rule("DISRSN.released_from_court", WARNING, section="Appendix D and G")
def release_from_court_exits_as_released() -> Statement:
    """A client released from court must have the {EXITRSN} 'released' and no onward referral.

    Fault: The {DISRSN} is 'released from court', but the {EXITRSN} or the {RTOAGNCY} contradicts it.
    Fix: Correct the wrong one of the fields in the clinical system.
    """
    exits_otherwise = EXITRSN.is_populated & ~EXITRSN.means("released")
    is_referred = RTOAGNCY.is_populated & ~RTOAGNCY.means("none")
    return applies_to(DISRSN.means("released_from_court")).holds(~any_of(exits_otherwise, is_referred))


@rule("MODAL.isolated", WARNING, entity="episode", section="Appendix E")
def episode_has_a_reportable_intervention() -> Statement:
    """An episode must have more than brief interventions and facilitated access to mutual aid.

    Fault: The episode has only brief interventions or facilitated access to mutual aid, which are not sent alone.
    Fix: Record the structured intervention of the episode in the clinical system, or check that the export has it.
    """
    return applies_to(_SOME_INTERVENTION).holds(_REPORTABLE)


@rule("MODAL.prescribed_alone", WARNING, entity="episode", section="Appendix E")
def prescribing_comes_with_psychosocial_treatment() -> Statement:
    """A discharged episode with alcohol prescribing must have a psychosocial intervention.

    Fault: The episode is discharged and has alcohol prescribing, but no psychosocial intervention.
    Fix: Record the psychosocial intervention in the clinical system, or check that the export has it.
    """
    prescribing = Flag(
        "has_alcohol_prescribing", "an intervention is alcohol prescribing", (MODAL.means("alcohol_prescribing"),)
    )
    psychosocial = Flag("has_psychosocial", "an intervention is psychosocial", (MODAL.means("psychosocial"),))
    return applies_to(DISD.is_populated & prescribing).holds(psychosocial)


@rule("MODEND.all_ended", WARNING, entity="episode")
def open_episode_has_an_open_intervention() -> Statement:
    """An episode whose interventions all ended must be discharged within 28 days.

    Fault: All interventions of the episode ended 28 days or more before the extract, but the {DISD} is blank.
    Fix: Discharge the episode, or record the intervention that still runs, in the clinical system.
    """
    all_ended = Flag(
        "all_ended_long_ago", "every intervention has a MODEND, the latest 28 days or more before the extract"
    )
    return applies_to(all_ended).holds(DISD.is_populated)


@rule("MODST.waiting", WARNING, entity="episode", inferred=True, section=SECTION["intervention"])
def open_episode_has_a_started_intervention() -> Statement:
    """An intervention of an open episode must start within 42 days of the {TRIAGED}.

    Fault: The {TRIAGED} is 42 days or more before the extract, the {DISD} is blank, and no intervention has started.
    Fix: Record the start of the intervention, or the discharge, in the clinical system.
    """
    none_started = Flag("none_started", "no intervention of the episode has a MODST")
    return applies_to(DISD.is_blank & TRIAGED.is_days_before_extract(42)).holds(~none_started)
