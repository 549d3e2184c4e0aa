"""Mutants: a rule with a small, or a complete, change of its meaning.

Of every rule what applies and what must hold are negated; and also every smallest change of a
condition is made: a boundary moved by one, 'and' for 'or', a clause or a meaning left out, 'understood' for
'populated'.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

from schemas.conditions.codes import IsCode, Meaning, MeansArea
from schemas.conditions.condition import AllOf, Always, AnyOf, Condition, KnownTrue
from schemas.conditions.days import AgeAtLeast, Compared, DaysBeforeExtract, DaysBetween
from schemas.conditions.values import IsText, IsWholeNumber, NumberBetween, Populated, Understood
from schemas.record_columns import get_referenced_field, has_value_column
from schemas.rule import Rule, Statement
from schemas.rule_registry import FileFinding, FileRule


@dataclass(frozen=True)
class Mutant:
    """A rule that was changed, and how."""

    change: str
    rule: Rule


def negations(rule: Rule) -> Iterator[Mutant]:
    """What must hold, and what applies, turned round."""
    applies, holds = rule.statement.applies, rule.statement.holds
    yield Mutant("what must hold is negated", replace(rule, statement=Statement(applies, ~holds)))
    yield Mutant("what applies is negated", replace(rule, statement=Statement(~applies, holds)))


def neighbours(rule: Rule) -> Iterator[Mutant]:
    """The rule with one of its conditions changed a little."""
    applies, holds = rule.statement.applies, rule.statement.holds
    read = _read_otherwise(applies) | _read_otherwise(holds)
    for changed, was, now in _changed(applies, read):
        yield Mutant(f"applies: {was} -> {now}", replace(rule, statement=Statement(changed, holds)))
    for changed, was, now in _changed(holds, read):
        yield Mutant(f"must hold: {was} -> {now}", replace(rule, statement=Statement(applies, changed)))


def file_mutants(rule: FileRule) -> Iterator[tuple[str, FileRule]]:
    """A rule of the file that finds nothing ever, and one that always finds something."""
    yield "it never finds anything", replace(rule, find=lambda _facts: ())
    yield "it always finds something", replace(rule, find=lambda _facts: [FileFinding("something")])


def _changed(condition: Condition, read: frozenset[str]) -> Iterator[tuple[Condition, str, str]]:
    """Every condition that differs from this one in one place, and the words there before and after."""
    for other in _changed_itself(condition, read):
        yield other, condition.words(), other.words()
    for part in fields(condition):  # type: ignore[arg-type]
        inner = getattr(condition, part.name)
        if isinstance(inner, Condition):
            for other, was, now in _changed(inner, read):
                yield replace(condition, **{part.name: other}), was, now  # type: ignore[type-var]
    if isinstance(condition, AllOf | AnyOf):
        for place, inner in enumerate(condition.parts):
            for other, was, now in _changed(inner, read):
                parts = (*condition.parts[:place], other, *condition.parts[place + 1 :])
                yield replace(condition, parts=parts), was, now


def _changed_itself(condition: Condition, read: frozenset[str]) -> Iterator[Condition]:  # noqa: PLR0912  # noqa: PLR0912
    match condition:
        case AllOf(parts) if len(parts) > 1:
            yield AnyOf(parts)
            yield from (AllOf(parts[:place] + parts[place + 1 :]) for place in range(len(parts)))
        case AnyOf(parts) if len(parts) > 1:
            yield AllOf(parts)
            yield from (AnyOf(parts[:place] + parts[place + 1 :]) for place in range(len(parts)))
        # No two compared records have the same id, so '<' and '<=' are the same there.
        case Compared(left, "<", right) if get_referenced_field(left).kind != "id":
            yield Compared(left, "<=", right)
        case Compared(left, ">", right):
            yield Compared(left, ">=", right)
        case Compared(left, ">=", right):
            yield Compared(left, ">", right)
        case Compared(left, "<=", right):
            yield Compared(left, "<", right)
        case Compared(left, "=", right):
            yield Compared(left, "<", right)
        case Meaning(reference, concepts) if len(concepts) > 1:
            yield from (Meaning(reference, tuple(c for c in concepts if c != gone)) for gone in concepts)
        case IsCode(reference, codes):
            yield from (IsCode(reference, tuple(c for c in codes if c != gone)) for gone in codes)
            # The codes of these reasons follow one another: the next one is another reason.
            yield IsCode(reference, (*codes, str(int(codes[0]) + 1)))
        case MeansArea(reference):
            yield Meaning(reference, ("outside_uk",))
            yield Populated(reference)
        case IsText(reference, _) | IsWholeNumber(reference):
            yield Populated(reference)
        case Populated(reference) if reference not in read and _may_be_misunderstood(reference):
            yield Understood(reference, "something understood")
        case KnownTrue(inner):
            yield inner
        case _:
            yield from _moved(condition)


def _moved(condition: Condition) -> Iterator[Condition]:
    """The boundaries of a condition moved by one."""
    match condition:
        case AgeAtLeast(born, on, years):
            yield from (AgeAtLeast(born, on, years - 1), AgeAtLeast(born, on, years + 1))
        case DaysBetween(first, last, days):
            yield from (DaysBetween(first, last, days - 1), DaysBetween(first, last, days + 1))
        case DaysBeforeExtract(reference, days):
            yield from (DaysBeforeExtract(reference, days - 1), DaysBeforeExtract(reference, days + 1))
        case NumberBetween(reference, first, last):
            yield NumberBetween(reference, first + 1, last)
            if first > 0:
                yield NumberBetween(reference, first - 1, last)
            if last is not None:
                yield from (NumberBetween(reference, first, last - 1), NumberBetween(reference, first, last + 1))
        case _:
            return


def _may_be_misunderstood(reference: str) -> bool:
    """Not an id, which any text is, and not what was sent: that was understood, or is its own text."""
    return has_value_column(get_referenced_field(reference).header) and not reference.startswith(("last.", "now."))


def _read_otherwise(condition: Condition) -> frozenset[str]:
    """The fields whose value the condition reads anyway: there 'understood' means the same as 'populated'."""
    if isinstance(condition, Populated | Always):
        return frozenset()
    found: set[str] = set()
    for part in fields(condition):  # type: ignore[arg-type]
        inner = getattr(condition, part.name)
        if isinstance(inner, Condition):
            found |= _read_otherwise(inner)
        elif isinstance(inner, str):
            found.add(inner)
    if isinstance(condition, AllOf | AnyOf):
        found = found.union(*map(_read_otherwise, condition.parts))
    return frozenset(found)
