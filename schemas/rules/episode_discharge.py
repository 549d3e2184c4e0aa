"""Rules of episodes: discharge, the fields to complete at discharge, and discharge reasons (Appendices D and G)."""

from functools import partial

from schemas.condition import Always, AnyIntervention, Compared, DaysBetween, before, means, populated
from schemas.rule import EPISODE_DETAILS, Catalogue, Statement, applies_to

catalogue = Catalogue()
episode_rule = partial(catalogue.rule, entity="episode")

_SUBSTITUTION_MEANINGS = ("opioid_maintenance", "opioid_reduction", "opioid_substitution")
_SUBSTITUTION = AnyIntervention(
    means("child.MODAL", *_SUBSTITUTION_MEANINGS), "the episode has an opioid substitution intervention"
)
_LONG_SUBSTITUTION = AnyIntervention(
    means("child.MODAL", *_SUBSTITUTION_MEANINGS) & DaysBetween("child.MODST", "child.MODEND", "DISD", 91),
    "an opioid substitution intervention of the episode ran 91 days or more",
)
_SOME_INTERVENTION = AnyIntervention(Always(), "the episode has an intervention")
_REPORTED = AnyIntervention(
    ~means("child.MODAL", "not_reported_alone"),
    "some intervention is neither alcohol brief intervention nor facilitated access to mutual aid",
)


@episode_rule("DISD.order", severity="warning", basis="inferred", section=EPISODE_DETAILS)
def discharge_follows_triage() -> Statement:
    """DISD is not before TRIAGED."""
    return applies_to(populated("DISD")).holds(~before("DISD", "TRIAGED"))


@episode_rule("DISD.pair", severity="error", section=EPISODE_DETAILS)
def a_discharge_reason_has_its_date() -> Statement:
    """A discharge reason is sent with its date."""
    return applies_to(populated("DISRSN")).holds(populated("DISD"))


@episode_rule("DISRSN.pair", severity="error", section=EPISODE_DETAILS)
def a_discharge_date_has_its_reason() -> Statement:
    """A discharge date is sent with the reason for it."""
    return applies_to(populated("DISD")).holds(populated("DISRSN"))


@episode_rule("NPSUSE.at_discharge", severity="error", section=EPISODE_DETAILS)
def npsuse_is_known_at_discharge() -> Statement:
    """NPSUSE is completed by the discharge."""
    return applies_to(populated("DISD")).holds(populated("NPSUSE"))


@episode_rule("CLINREV.at_discharge", severity="warning", section=EPISODE_DETAILS)
def long_substitution_is_reviewed() -> Statement:
    """Opioid substitution of 91 days or more has CLINREV by the discharge."""
    return applies_to(populated("DISD") & _LONG_SUBSTITUTION).holds(populated("CLINREV"))


@episode_rule("CLINREV.not_applicable", severity="warning", section=EPISODE_DETAILS)
def only_substitution_is_reviewed() -> Statement:
    """CLINREV is there only for an episode with opioid substitution."""
    return applies_to(populated("CLINREV")).holds(_SUBSTITUTION)


@episode_rule("DISRSN.died", severity="warning", basis="inferred", section="Appendix D and G")
def a_death_is_told_twice() -> Statement:
    """A death on the day of discharge is both the discharge and the exit reason."""
    return applies_to(populated("DISRSN") & populated("EXITRSN")).holds(
        ~(
            (means("EXITRSN", "died") & Compared("DISD", "=", "EXITD") & ~means("DISRSN", "died"))
            | (means("DISRSN", "died") & ~means("EXITRSN", "died"))
        )
    )


@episode_rule("DISRSN.transfer_in_custody", severity="warning", section="Appendix D and G")
def a_transfer_in_custody_exits_as_one() -> Statement:
    """A transfer in custody leaves the setting as transferred."""
    return applies_to(means("DISRSN", "transferred_in_custody") & populated("EXITRSN")).holds(
        means("EXITRSN", "transferred")
    )


@episode_rule("DISRSN.transfer_not_in_custody", severity="warning", section="Appendix D and G")
def a_transfer_outside_is_no_transfer_within() -> Statement:
    """A transfer not in custody does not leave the setting as transferred."""
    return applies_to(means("DISRSN", "transferred_not_in_custody")).holds(~means("EXITRSN", "transferred"))


@episode_rule("DISRSN.released_from_court", severity="warning", section="Appendix D and G")
def a_release_from_court_is_unplanned() -> Statement:
    """A client released from court exits as released, without onward referral."""
    return applies_to(means("DISRSN", "released_from_court")).holds(
        ~((populated("EXITRSN") & ~means("EXITRSN", "released")) | (populated("RTOAGNCY") & ~means("RTOAGNCY", "none")))
    )


@episode_rule("MODAL.isolated", severity="warning", section="Appendix E")
def more_than_a_brief_intervention() -> Statement:
    """The episode has more than brief interventions and mutual aid, which are not reported alone."""
    return applies_to(_SOME_INTERVENTION).holds(_REPORTED)
