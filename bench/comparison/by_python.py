"""The contestant 'plain Python': the standard library alone, one row after the other."""

import csv
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

from bench.comparison.rules import (
    EPISODES,
    CodeExcludes,
    CodeNeeds,
    ComparedRule,
    Filled,
    InOrder,
    InRange,
    IsDate,
    Needs,
    NotAfter,
    OneFieldRule,
    OneOf,
    TwoFieldRule,
    WholeNumber,
)
from bench.comparison.verdicts import Verdicts

_Row = dict[str, str]
_IsBroken = Callable[[_Row], bool]


def read(folder: Path, _home: Path, _rules: tuple[ComparedRule, ...]) -> Path:
    """Returns the file, because the rows are checked while they are read."""
    return folder / EPISODES


def parse(file: Path, _rules: tuple[ComparedRule, ...]) -> Path:
    """Does nothing, because each row is parsed when it is checked."""
    return file


def find_verdicts(file: Path, rules: tuple[ComparedRule, ...]) -> Verdicts:
    """Counts the rows that break each rule."""
    broken = {rule.name: 0 for rule in rules}
    checks = [(rule.name, _build_check(rule)) for rule in rules]
    rows = 0
    with file.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            rows += 1
            for name, is_broken in checks:
                if is_broken(row):
                    broken[name] += 1
    return Verdicts(broken, rows * len(rules))


def _build_check(rule: ComparedRule) -> _IsBroken:
    """Returns a function that returns whether a row breaks the rule; a blank is an empty text."""
    if isinstance(rule, InOrder | Needs | CodeNeeds | CodeExcludes):
        return _build_two_field_check(rule)
    return _build_one_field_check(rule)


def _build_one_field_check(rule: OneFieldRule) -> _IsBroken:
    match rule:
        case Filled(field=field):
            return lambda row: not row[field]
        case IsDate(field=field):
            return lambda row: bool(row[field]) and _parse_date(row[field]) is None
        case NotAfter(field=field, day=day):
            return lambda row: (found := _parse_date(row[field])) is not None and found > day
        case OneOf(field=field, codes=codes):
            allowed = {"", *codes}
            return lambda row: row[field] not in allowed
        case WholeNumber(field=field):
            return lambda row: bool(row[field]) and not _is_whole_number(row[field])
        case InRange():
            return _build_range_check(rule)


def _build_two_field_check(rule: TwoFieldRule) -> _IsBroken:
    match rule:
        case InOrder(field=field, earlier=earlier):
            return lambda row: (
                (last := _parse_date(row[field])) is not None
                and (first := _parse_date(row[earlier])) is not None
                and last < first
            )
        case Needs(field=field, other=other):
            return lambda row: bool(row[field]) and not row[other]
        case CodeNeeds(field=field, codes=codes, other=other):
            among = frozenset(codes)
            return lambda row: row[field] in among and not row[other]
        case CodeExcludes(field=field, codes=codes, other=other):
            excluding = frozenset(codes)
            return lambda row: row[field] in excluding and bool(row[other])


def _build_range_check(rule: InRange) -> _IsBroken:
    field, first, last, must_be_a_number = rule.field, rule.first, rule.last, rule.must_be_a_number

    def is_broken(row: _Row) -> bool:
        text = row[field]
        if _is_whole_number(text):
            return not first <= int(text) <= last
        return must_be_a_number and bool(text)

    return is_broken


def _is_whole_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


# There are far fewer days than dates.
@cache
def _parse_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
