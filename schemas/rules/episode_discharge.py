"""Rules of episodes: discharge, the fields to complete at discharge, and discharge reasons (Appendices D and G)."""

from schemas.condition import Always, AnyIntervention, DaysBetween, any_of
from schemas.fields import (
    CLINREV,
    DISD,
    DISRSN,
    EXITD,
    EXITRSN,
    MODAL,
    NPSUSE,
    RTOAGNCY,
    TRIAGED,
)
from schemas.rule import ERROR, WARNING, Statement, applies_to
from schemas.rule_registry import rule

_SUBSTITUTION = MODAL.of_child.means("opioid_maintenance", "opioid_reduction", "opioid_substitution")
_SOME_SUBSTITUTION = AnyIntervention(_SUBSTITUTION, "the episode has an opioid substitution intervention")
# A clinical review is due after 13 weeks.
_LONG_SUBSTITUTION = AnyIntervention(
    _SUBSTITUTION & DaysBetween("child.MODST", "child.MODEND", "DISD", 91),
    "an opioid substitution intervention of the episode ran 91 days or more",
)
_SOME_INTERVENTION = AnyIntervention(Always(), "the episode has an intervention")
# The definitions accept these two kinds only together with another intervention.
_REPORTED = AnyIntervention(
    ~MODAL.of_child.means("not_reported_alone"),
    "some intervention is neither alcohol brief intervention nor facilitated access to mutual aid",
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
    return applies_to(DISD.is_populated & _LONG_SUBSTITUTION).holds(CLINREV.is_populated)


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
def transfer_not_in_custody_does_not_exit_as_transferred() -> Statement:
    """A client with {DISRSN} 'transferred, not in custody' must not have the {EXITRSN} 'transferred'.

    Fault: The {DISRSN} is 'transferred, not in custody', but the {EXITRSN} is 'transferred'.
    Fix: Correct the wrong one of the two reasons in the clinical system.
    """
    return applies_to(DISRSN.means("transferred_not_in_custody")).holds(~EXITRSN.means("transferred"))


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
    return applies_to(_SOME_INTERVENTION).holds(_REPORTED)
