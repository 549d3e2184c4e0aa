"""Defines a rule: what must be true of the data, which records it applies to, and what a finding shows.

A record breaks a rule where the rule applies and what must hold is false. Every other record passed, was not
applicable, or had no answer. `schemas.rule_registry` has the decorators that define rules.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal

import polars as pl

from schemas.conditions.condition import EVERY_RECORD, Condition, RuleContext
from schemas.dataset import Entity

Severity = Literal["reject", "withhold", "scope", "error", "warning", "file"]
Owner = Literal["entry", "conversion", "reference"]
Basis = Literal["stated", "inferred"]
# The stages in the order in which they run (definitions, section 4: order).
Stage = Literal["repeats", "scope", "ties", "consent", "record", "history", "dropped", "sent", "file"]

REJECT: Final = "reject"
WITHHOLD: Final = "withhold"
SCOPE: Final = "scope"
ERROR: Final = "error"
WARNING: Final = "warning"
FILE: Final = "file"

# Severities that always hold a record back; settings may add to them (definitions, section 4: severity).
ALWAYS_HOLD_BACK: frozenset[Severity] = frozenset({WITHHOLD, SCOPE})
# An exact repeat of a record is not sent, although its finding is only a warning.
EXACT_REPEAT: Final = "exact repeat"
IDENTIFYING: Final = "identifying"

SECTION: dict[Entity, str] = {
    "client": "1 Client details",
    "episode": "2 Episode details",
    "intervention": "3 Treatment intervention details",
}


class Verdict(StrEnum):
    """The result of a rule for one record."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"
    NO_ANSWER = "errored"


@dataclass(frozen=True)
class Statement:
    """What a rule applies to, and what must hold there."""

    applies: Condition
    holds: Condition

    def is_broken(self, context: RuleContext) -> pl.Expr:
        """Returns true where the rule is broken, in three-valued logic."""
        return self.applies.expression(context) & ~self.holds.expression(context)

    def words(self) -> str:
        """Returns the statement as one sentence."""
        words = self.applies.words()
        return f"{'For' if words == EVERY_RECORD else 'Where'} {words}: {self.holds.words()}."


@dataclass(frozen=True)
class Applicability:
    """What a rule applies to; `holds` adds what must hold there."""

    condition: Condition

    def holds(self, condition: Condition) -> Statement:
        """Returns the complete statement."""
        return Statement(self.condition, condition)


def applies_to(condition: Condition) -> Applicability:
    """Selects the records that a rule applies to; the others are 'not applicable'."""
    return Applicability(condition)


@dataclass(frozen=True)
class Sentences:
    """What people read about a rule.

    `requirement` states what must be true; `fault` what is wrong with a record that breaks the rule; `fix` what to
    do about it and where. `choice` is the choice to make at the portal, for rules that compare with the previous
    submission.
    """

    requirement: str
    fault: str
    fix: str
    choice: str = ""

    @property
    def texts(self) -> dict[str, str]:
        """The sentences by their names."""
        return dict(vars(self))

    def fill_in(self, **settings: str) -> "Sentences":
        """Returns the sentences with the values of settings, which they name as `{setting}`."""
        texts = self.texts
        for name, value in settings.items():
            texts = {part: text.replace(f"{{{name}}}", value) for part, text in texts.items()}
        return Sentences(**texts)


def _keep_severity(severity: Severity, _context: RuleContext) -> Severity:
    return severity


@dataclass(frozen=True, kw_only=True)
class RuleInfo:
    """The catalogue entry of a rule.

    `field` is the field that the rule blames ('' for none); `source` the file and line where the rule is written;
    `kind` marks rules that other parts of the program treat in a special way; `also` is a second entity whose records
    the rule checks.
    """

    name: str
    entity: Entity | Literal["file"]
    field: str
    severity: Severity
    basis: Basis
    section: str
    owner: Owner
    sentences: Sentences
    stage: Stage = "record"
    also: Entity | None = None
    kind: str = ""
    source: str = ""

    @property
    def compares_with_previous(self) -> bool:
        """Whether the rule compares with the previous submission, so that there is a choice to make at the portal."""
        return bool(self.sentences.choice)

    def holds_back(self, severity: Severity, held_back: frozenset[Severity]) -> bool:
        """Returns whether a record that breaks the rule is not sent.

        Args:
            severity: the rule's severity in force.
            held_back: the severities that hold a record back by the settings.
        """
        return severity in ALWAYS_HOLD_BACK | held_back or self.kind == EXACT_REPEAT


@dataclass(frozen=True, kw_only=True)
class Rule(RuleInfo):
    """A rule that checks records of one entity.

    `allowed` returns the values that the field may hold. `severity_in_force` returns the severity where it depends on
    the code lists.
    """

    statement: Statement
    allowed: Callable[[RuleContext], str] = field(default=lambda _context: "")
    severity_in_force: Callable[[Severity, RuleContext], Severity] = _keep_severity

    def get_severity(self, context: RuleContext) -> Severity:
        """Returns the severity under these code lists."""
        return self.severity_in_force(self.severity, context)

    def is_broken(self, context: RuleContext, seen: pl.Expr) -> pl.Expr:
        """Returns whether a record that the rule sees breaks it; null where there is no answer."""
        # `seen` makes the answer false, not null, for a record that the rule does not see.
        return seen & self.statement.is_broken(context)

    def is_not_applicable(self, context: RuleContext, seen: pl.Expr) -> pl.Expr:
        """Returns whether the rule does not apply to a record it sees."""
        # No answer is a verdict of its own, so it does not count as not applicable.
        return seen & ~self.statement.applies.expression(context).fill_null(value=True)
