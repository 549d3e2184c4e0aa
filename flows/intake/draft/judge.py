"""Judges whether the values of a column are those of a field: dates, codes, numbers, postcodes or names."""

from collections.abc import Callable

import polars as pl

from flows.intake.draft.judge_codes import judge_codes
from flows.intake.draft.phrases import find_kind
from flows.intake.draft.values import (
    DATE_FORMS,
    LEAST_SHARE,
    Judgement,
    format_share,
    is_date_column,
    is_yes_or_no,
    list_forms,
)
from schemas.code_lists import CodeLists
from schemas.dataset import AGENCY, INTEGER_RANGE
from transforms.parse.dates import parse_dates, parse_partial_dates, parse_whole_numbers
from transforms.parse.postcodes import parse_postcodes

_PRISON_NUMBER = r"^[A-Z][0-9]{4}[A-Z]{2}$"
_NAME = r"^\p{L}[\p{L} .'’-]*$"
_MOST_SITES = 40
EMPTY = "the column is empty"


def judge_values(values: pl.Series, header: str, lists: CodeLists) -> Judgement:
    """Returns whether a column may feed a field, with a reason that shows no value."""
    filled, kind = values.drop_nulls(), find_kind(header)
    if filled.is_empty():
        return Judgement(True, False, EMPTY)
    if header in _OWN_JUDGES:
        return _OWN_JUDGES[header](filled)
    if kind == "code":
        return judge_codes(filled, header, lists)
    if kind in ("date", "partial_date"):
        return _judge_dates(filled, kind)
    if kind in _PARSERS:
        what, parse = _PARSERS[kind]
        return _judge_share(parse(filled, header).count(), len(filled), what)
    return Judgement(True, False, f"{filled.n_unique()} different values in {len(values)} rows")


def _judge_share(part: int, whole: int, what: str) -> Judgement:
    holds = part >= LEAST_SHARE * whole
    return Judgement(holds, holds, f"{format_share(part, whole)} of its values are {what}")


def _judge_names(values: pl.Series) -> Judgement:
    return _judge_share(_count_matches(values, _NAME), len(values), "names or letters")


def _judge_person_number(values: pl.Series) -> Judgement:
    is_number = _count_matches(values, _PRISON_NUMBER) >= LEAST_SHARE * len(values)
    reason = "its values look like prison numbers" if is_number else f"{values.n_unique()} different values"
    return Judgement(True, is_number, reason)


def _count_matches(values: pl.Series, pattern: str) -> int:
    return len(values.filter(values.str.contains(pattern)))


def _parse_number(values: pl.Series, header: str) -> pl.Series:
    return parse_whole_numbers(values, *INTEGER_RANGE.get(header, (0, 10**9)))


# The name of each kind's values, and the function that parses them.
_PARSERS: dict[str, tuple[str, Callable[[pl.Series, str], pl.Series]]] = {
    "integer": ("whole numbers in the field's range", _parse_number),
    "postcode": ("postcodes", lambda values, _: parse_postcodes(values).struct.unnest()["sector"]),
}


def _judge_dates(values: pl.Series, kind: str) -> Judgement:
    parse = parse_dates if kind == "date" else parse_partial_dates
    parsed = parse(values, DATE_FORMS).count()
    forms = list_forms(values)
    shown = f", as in {forms[0]}" if forms else ""
    return _judge_share(parsed, len(values), f"dates{shown}")


def _judge_agency(values: pl.Series) -> Judgement:
    codes = _count_matches(values.str.to_uppercase(), f"^{AGENCY.pattern}$")
    if codes >= LEAST_SHARE * len(values):
        return Judgement(True, True, f"{format_share(codes, len(values))} of its values are agency codes")
    few = values.n_unique() <= _MOST_SITES and not is_yes_or_no(values) and not is_date_column(values)
    return Judgement(few, False, f"{values.n_unique()} different values, which need codes")


_OWN_JUDGES: dict[str, Callable[[pl.Series], Judgement]] = {
    "AGNCY": _judge_agency,
    "CLIENT": _judge_person_number,
    **dict.fromkeys(("FORENAME", "SURNAME", "FINITIAL", "SINITIAL"), _judge_names),
}
