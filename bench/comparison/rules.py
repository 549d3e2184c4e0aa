"""The kinds of rules that are compared, in words that do not depend on a library.

Imports only the standard library, so that the memory of a contestant is that of its own library.
"""

import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

EPISODES = "episodes.csv"
_FILE = "rules.pickle"


@dataclass(frozen=True)
class Filled:
    """The field is not blank."""

    name: str
    field: str


@dataclass(frozen=True)
class IsDate:
    """What the field holds is a date of the calendar, as YYYY-MM-DD."""

    name: str
    field: str


@dataclass(frozen=True)
class NotAfter:
    """The date is not after a day."""

    name: str
    field: str
    day: date


@dataclass(frozen=True)
class OneOf:
    """What the field holds is one of the codes."""

    name: str
    field: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class WholeNumber:
    """What the field holds consists of digits."""

    name: str
    field: str


@dataclass(frozen=True)
class InRange:
    """The whole number is in a range; a text that is not a whole number breaks the rule if it `must_be_a_number`."""

    name: str
    field: str
    first: int
    last: int
    must_be_a_number: bool


@dataclass(frozen=True)
class InOrder:
    """The date is not before another one."""

    name: str
    field: str
    earlier: str


@dataclass(frozen=True)
class Needs:
    """If the field is filled in, the other one is too."""

    name: str
    field: str
    other: str


@dataclass(frozen=True)
class CodeNeeds:
    """If the field is one of the codes, the other one is filled in."""

    name: str
    field: str
    codes: tuple[str, ...]
    other: str


@dataclass(frozen=True)
class CodeExcludes:
    """If the field is one of the codes, the other one is blank."""

    name: str
    field: str
    codes: tuple[str, ...]
    other: str


OneFieldRule = Filled | IsDate | NotAfter | OneOf | WholeNumber | InRange
TwoFieldRule = InOrder | Needs | CodeNeeds | CodeExcludes
ComparedRule = OneFieldRule | TwoFieldRule


def list_fields(rules: Iterable[ComparedRule]) -> list[str]:
    """Returns the fields that the rules read, each once."""
    return list(dict.fromkeys(field for rule in rules for field in _list_fields_of(rule)))


def list_dates(rules: Iterable[ComparedRule]) -> list[str]:
    """Returns the fields that the rules read as dates."""
    dates = (rule for rule in rules if isinstance(rule, IsDate | NotAfter | InOrder))
    return list_fields(dates)


def list_numbers(rules: Iterable[ComparedRule]) -> list[str]:
    """Returns the fields that the rules read as whole numbers."""
    numbers = (rule for rule in rules if isinstance(rule, WholeNumber | InRange))
    return list_fields(numbers)


def write_rules(folder: Path, rules: tuple[ComparedRule, ...]) -> None:
    """Writes the rules next to the rows, for the processes of the contestants."""
    (folder / _FILE).write_bytes(pickle.dumps(rules))


def read_rules(folder: Path) -> tuple[ComparedRule, ...]:
    """Returns the rules that `write_rules` wrote."""
    rules: tuple[ComparedRule, ...] = pickle.loads((folder / _FILE).read_bytes())
    return rules


def _list_fields_of(rule: ComparedRule) -> Iterator[str]:
    yield rule.field
    match rule:
        case InOrder(earlier=other) | Needs(other=other) | CodeNeeds(other=other) | CodeExcludes(other=other):
            yield other
