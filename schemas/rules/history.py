"""Rules that compare with the previous submission: values that may not change, or may change in one direction only.

`last.F` is the value sent then, `now.F` the value to send now. A value that is sent as blank because it was not
parsed is blank here. The rules see the records in play that were in the previous submission.
"""

from functools import partial

from schemas.condition import (
    Always,
    Condition,
    Flag,
    SameArea,
    SentAsBefore,
    blank,
    means,
    populated,
)
from schemas.dataset import Field, fields
from schemas.rule import INTERVENTION_DETAILS, Catalogue, Rule, Severity, Statement, applies_to
from schemas.rules.families import SECTION

catalogue = Catalogue()
episode_rule = partial(catalogue.rule, entity="episode", stage="history")
intervention_rule = partial(catalogue.rule, entity="intervention", stage="history")

_IDS = frozenset({"CLIENTID", "EPISODID", "MODID"})
REOPENED = Flag("was_reopened", "DISD or EXITD was sent in the last submission and is blank now")
REOPENED_AS_ALLOWED = Flag(
    "was_reopened_as_allowed",
    "the client was not released, an intervention new since then starts within 21 days of the old DISD,"
    " and every intervention that had ended is still there and ended",
)


def mismatch_rules() -> list[Rule]:
    """What the portal answers with a mismatch: it asks to replace or delete."""
    return [
        _against_last(
            each,
            "mismatch",
            "error",
            f"{each.header} is as it was in the last submission; else the portal will ask to replace or delete.",
            applies_to(_sent_twice(each)).holds(SentAsBefore(each.header)),
        )
        for each in fields()
        if each.updatability == "mismatch"
    ]


def fixed_rules() -> list[Rule]:
    """What should not change once it was populated."""
    return [_fixed(each) for each in fields() if each.updatability == "fixed" and each.header not in _IDS]


def _fixed(each: Field) -> Rule:
    same: Condition = SentAsBefore(each.header)
    if each.header == "UTLA":
        same = same | SameArea("UTLA")
    statement = applies_to(populated(f"last.{each.header}")).holds(same)
    return _against_last(each, "changed", "warning", f"{each.header} is as it was in the last submission.", statement)


def on_event_rules() -> list[Rule]:
    """What is recorded at the exit and stays, unless the episode was re-opened as allowed."""
    reopened = REOPENED & REOPENED_AS_ALLOWED
    return [
        _against_last(
            each,
            "changed",
            "warning",
            f"{each.header} is as it was in the last submission, unless the episode was re-opened as allowed.",
            applies_to(populated(f"last.{each.header}") & ~reopened).holds(SentAsBefore(each.header)),
        )
        for each in fields()
        if each.updatability == "on_event"
    ]


def once_rules() -> list[Rule]:
    """What goes from blank to populated once, and then keeps its value."""
    return [
        _against_last(
            each,
            "changed",
            "error",
            f"{each.header} keeps the value it had in the last submission.",
            applies_to(_sent_twice(each)).holds(SentAsBefore(each.header)),
        )
        for each in fields()
        if each.updatability == "once"
    ]


def withdrawn_rules() -> list[Rule]:
    """A yes that was disclosed or done is not taken back."""
    return [
        _against_last(
            each,
            "withdrawn",
            "warning",
            f"{each.header} that was yes in the last submission is still yes.",
            applies_to(means(f"last.{each.header}", "yes")).holds(means(f"now.{each.header}", "yes")),
        )
        for each in fields()
        if each.updatability in ("to_yes", "disclosure")
    ]


@episode_rule("DISD.reopened", severity="error", section="Discharge date; Appendix D")
def an_episode_is_reopened_only_as_allowed() -> Statement:
    """A discharge or exit is taken back only after a court appearance, with new interventions."""
    return applies_to(REOPENED).holds(REOPENED_AS_ALLOWED)


@intervention_rule("MODEND.unended", severity="error", section=INTERVENTION_DETAILS)
def an_end_is_not_taken_back() -> Statement:
    """An intervention that had ended in the last submission has its MODEND still."""
    return applies_to(populated("last.MODEND")).holds(~blank("now.MODEND"))


@intervention_rule("MODST.unstarted", severity="error", section=INTERVENTION_DETAILS)
def a_start_is_not_taken_back() -> Statement:
    """An intervention that had started in the last submission has its MODST still."""
    return applies_to(populated("last.MODST")).holds(~blank("now.MODST"))


@episode_rule(
    "EPISODID.dropped",
    severity="warning",
    basis="inferred",
    section="Data entities",
    owner="conversion",
    stage="dropped",
)
def an_episode_stays_in_the_export() -> Statement:
    """An episode of the last submission is in this export."""
    return applies_to(Always()).holds(Flag("is_in_export", "the episode is in this export"))


@intervention_rule(
    "MODID.dropped",
    severity="warning",
    basis="inferred",
    section="Data entities",
    owner="conversion",
    stage="dropped",
)
def an_intervention_stays_in_the_export() -> Statement:
    """An intervention of the last submission is in this export while its episode is, and in play."""
    with_its_episode = Flag("episode_is_in_play", "its episode is in this export, and in play")
    return applies_to(with_its_episode).holds(Flag("is_in_export", "the intervention is in this export"))


def history_rules() -> list[Rule]:
    """Every rule against the last submission."""
    families = (mismatch_rules, fixed_rules, on_event_rules, once_rules, withdrawn_rules)
    return [rule for family in families for rule in family()] + catalogue.rules


def _sent_twice(each: Field) -> Condition:
    return populated(f"last.{each.header}") & populated(f"now.{each.header}")


def _against_last(each: Field, kind: str, severity: Severity, truth: str, statement: Statement) -> Rule:
    return Rule(
        name=f"{each.header}.{kind}",
        entity=each.entity,
        field=each.header,
        severity=severity,
        basis="stated",
        section=SECTION[each.entity],
        owner="entry",
        truth=truth,
        statement=statement,
        stage="history",
    )
