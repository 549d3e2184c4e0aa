"""Rules of interventions: links to the episode, dates, and overlapping interventions."""

from functools import partial

from schemas.condition import (
    Always,
    AnyOtherRecord,
    Compared,
    Flag,
    SameText,
    after,
    before,
    blank,
    means,
    populated,
)
from schemas.rule import INTERVENTION_DETAILS, Catalogue, Statement, applies_to

catalogue = Catalogue()
intervention_rule = partial(catalogue.rule, entity="intervention")

_GOES_ON = blank("other.MODEND") | after("other.MODEND", "MODST")
# The other intervention started first (by MODID if both started on one day).
_STARTED_FIRST = before("other.MODST", "MODST") | (
    Compared("other.MODST", "=", "MODST") & before("other.MODID", "MODID")
)
_SAME_STILL_RUNS = AnyOtherRecord(
    "EPISODID",
    SameText("other.MODAL", "MODAL") & _STARTED_FIRST & _GOES_ON,
    "an earlier intervention of the episode with the same MODAL has no MODEND, or one after this MODST",
)
_MAINTENANCE_STILL_RUNS = AnyOtherRecord(
    "EPISODID",
    means("other.MODAL", "opioid_maintenance") & ~after("other.MODST", "MODST") & _GOES_ON,
    "an opioid maintenance intervention that started no later has no MODEND, or one after this MODST",
)


@intervention_rule(
    "MODID.orphan",
    severity="reject",
    basis="inferred",
    section=INTERVENTION_DETAILS,
    owner="conversion",
    field="EPISODID",
    stage="ties",
)
def an_intervention_names_its_episode() -> Statement:
    """The intervention's EPISODID names an episode record."""
    return applies_to(Always()).holds(Flag("has_parent", "EPISODID names an episode record"))


@intervention_rule("MODST.order", severity="warning", basis="inferred", section=INTERVENTION_DETAILS)
def an_intervention_follows_triage() -> Statement:
    """MODST is not before the episode's TRIAGED."""
    return applies_to(populated("MODST")).holds(~before("MODST", "episode.TRIAGED"))


@intervention_rule("MODEND.order", severity="warning", basis="inferred", section=INTERVENTION_DETAILS)
def an_end_follows_its_start() -> Statement:
    """MODEND is not before MODST."""
    return applies_to(populated("MODEND")).holds(~before("MODEND", "MODST"))


@intervention_rule("MODEND.after_discharge", severity="warning", basis="inferred", section=INTERVENTION_DETAILS)
def no_intervention_outlasts_the_episode() -> Statement:
    """MODEND is not after the episode's DISD."""
    return applies_to(populated("MODEND")).holds(~after("MODEND", "episode.DISD"))


@intervention_rule("MODEND.without_start", severity="warning", basis="inferred", section=INTERVENTION_DETAILS)
def an_end_has_a_start() -> Statement:
    """An intervention that ended has its MODST."""
    return applies_to(populated("MODEND")).holds(populated("MODST"))


@intervention_rule("MODEND.open_at_discharge", severity="error", section=INTERVENTION_DETAILS)
def a_discharge_ends_its_interventions() -> Statement:
    """At the episode's discharge every intervention has its MODEND."""
    return applies_to(populated("episode.DISD")).holds(populated("MODEND"))


@intervention_rule("MODAL.overlap", severity="warning", basis="inferred", section="Appendix E")
def one_kind_at_a_time() -> Statement:
    """No earlier intervention of the same MODAL still runs on this MODST."""
    return applies_to(populated("MODAL")).holds(~_SAME_STILL_RUNS)


@intervention_rule("MODAL.concurrent_substitution", severity="warning", section="Appendix E")
def reduction_follows_maintenance() -> Statement:
    """No opioid maintenance still runs where an opioid reduction starts."""
    return applies_to(means("MODAL", "opioid_reduction")).holds(~_MAINTENANCE_STILL_RUNS)
