"""Rules of interventions: links to the episode, dates, and overlapping interventions."""

from schemas.conditions.condition import Always, KnownTrue, all_of
from schemas.conditions.values import Flag
from schemas.fields import DISD, EPISODID, MODAL, MODEND, MODST, TRIAGED
from schemas.rule import ERROR, REJECT, WARNING, Statement, applies_to
from schemas.rule_registry import rule

# An end on the day of this start is not an overlap.
_MAINTENANCE = MODAL.means("opioid_maintenance")
_REDUCTION = MODAL.means("opioid_reduction")
_SAME_TYPE_GOES_ON = Flag(
    "an_earlier_one_of_the_type_goes_on",
    "an earlier intervention of the episode with the same MODAL has no MODEND, or one after this MODST",
)
_MAINTENANCE_GOES_ON = Flag(
    "maintenance_goes_on",
    "an opioid maintenance intervention that started no later has no MODEND, or one after this MODST",
    (_MAINTENANCE,),
)
_REDUCTION_GOES_ON = Flag(
    "reduction_goes_on",
    "an opioid reduction intervention that started no later has no MODEND, or one after this MODST",
    (_REDUCTION,),
)


@rule("MODID.orphan", REJECT, blames=EPISODID, inferred=True, owner="conversion", stage="ties")
def intervention_has_its_episode() -> Statement:
    """The {EPISODID} of an intervention must be that of an episode record.

    Fault: No episode record has the {EPISODID} of this intervention.
    Fix: Check that the export contains the episode and that the source mapping reads the ID from the same column.
    """
    return applies_to(Always()).holds(Flag("has_parent", "EPISODID names an episode record"))


@rule("MODST.order", WARNING, inferred=True)
def start_is_not_before_triage() -> Statement:
    """The {MODST} must not be before the episode's {TRIAGED}.

    Fault: The {MODST} is before the episode's {TRIAGED}.
    Fix: Correct the wrong one of the two dates in the clinical system.
    """
    return applies_to(MODST.is_populated).holds(MODST.is_on_or_after(TRIAGED.of_episode))


@rule("MODEND.order", WARNING, inferred=True)
def end_is_not_before_start() -> Statement:
    """The {MODEND} must not be before the {MODST}.

    Fault: The {MODEND} is before the {MODST}.
    Fix: Correct the wrong one of the two dates in the clinical system.
    """
    return applies_to(MODEND.is_populated).holds(MODEND.is_on_or_after(MODST))


@rule("MODEND.after_discharge", ERROR)
def end_is_not_after_discharge() -> Statement:
    """The {MODEND} must not be after the episode's {DISD}.

    Fault: The {MODEND} is after the episode's {DISD}.
    Fix: Correct the wrong one of the two dates in the clinical system.
    """
    return applies_to(MODEND.is_populated).holds(MODEND.is_on_or_before(DISD.of_episode))


@rule("MODEND.without_start", WARNING, inferred=True)
def ended_intervention_has_a_start() -> Statement:
    """An intervention with an {MODEND} must have an {MODST}, unless its episode is discharged.

    Fault: The intervention has an {MODEND} but no {MODST}, and its episode is not discharged.
    Fix: Record the start date in the clinical system, or remove the end date if the intervention never started.
    """
    # An intervention whose episode is not in the export has no discharge. Without an EPISODID it has no episode.
    is_discharged = KnownTrue(DISD.of_episode.is_populated)
    return applies_to(all_of(MODEND.is_populated, EPISODID.is_populated, ~is_discharged)).holds(MODST.is_populated)


@rule("MODEND.open_at_discharge", ERROR)
def discharge_ends_the_interventions() -> Statement:
    """Every intervention of a discharged episode must have an {MODEND}.

    Fault: The episode has a {DISD}, but this intervention has no {MODEND}.
    Fix: Record the end date in the clinical system.
    """
    return applies_to(DISD.of_episode.is_populated).holds(MODEND.is_populated)


@rule("MODAL.overlap", WARNING, inferred=True, section="Appendix E")
def interventions_of_one_type_do_not_overlap() -> Statement:
    """An intervention must not start while an earlier one of the same {MODAL} still runs.

    Fault: An earlier intervention of the episode has the same {MODAL} and still ran on this {MODST}.
    Fix: End the earlier intervention, or delete the one that was recorded twice.
    """
    return applies_to(MODAL.is_populated).holds(~_SAME_TYPE_GOES_ON)


@rule("MODAL.concurrent_substitution", WARNING, section="Appendix E")
def reduction_follows_maintenance() -> Statement:
    """An opioid reduction must not start while opioid maintenance still runs.

    Fault: An opioid maintenance intervention of the episode still ran when this opioid reduction started.
    Fix: End the maintenance intervention before the reduction starts, or correct the {MODAL}.
    """
    return applies_to(_REDUCTION).holds(~_MAINTENANCE_GOES_ON)


@rule("MODAL.maintenance_over_reduction", WARNING, section="Appendix E")
def maintenance_follows_reduction() -> Statement:
    """Opioid maintenance must not start while an opioid reduction still runs.

    Fault: An opioid reduction intervention of the episode still ran when this opioid maintenance started.
    Fix: End the reduction before the maintenance starts, or correct the {MODAL}.
    """
    return applies_to(_MAINTENANCE).holds(~_REDUCTION_GOES_ON)
