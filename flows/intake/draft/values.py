"""Recognises the values of columns: dates, yes and no, codes and labels."""

from collections import Counter
from dataclasses import dataclass
from functools import cache

import polars as pl

from schemas.code_lists import CodeList, CodeLists
from schemas.dataset import get_field
from transforms.parse.codes import normalise_label, parse_codes, parse_countries
from transforms.parse.dates import parse_dates, parse_partial_dates

DATE_FORMS = (
    "%d %b %Y",
    "%d %b %Y %H:%M",
    "%d %B %Y",
    "%d %B %Y %H:%M",
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M",
    "%d-%m-%Y",
    "%d-%m-%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d-%b-%Y %H:%M:%S",
    "%-d/%-m/%Y",
    "%-d/%-m/%Y %H:%M",
    "%d %b %Y %H:%M:%S.%f",
    "%d.%m.%Y %H:%M:%S.%f",
    "%d-%m-%Y %H:%M:%S.%f",
    "%b %d %Y",
    "%b %d, %Y",
)
# A column may contain some invalid values and still be the right one.
LEAST_SHARE = 0.8
_TRUTHS = frozenset({"yes", "no", "y", "n", "true", "false", "t", "f", "0", "1"})
_NO_ANSWERS = frozenset({
    "unknown", "not known", "declined", "refused", "not stated", "client declined to answer", "not asked",
    "prefer not to say", "declined to answer", "n/a", "not appropriate to ask", "not recorded", "z",
})  # fmt: skip
_COMMON_LABELS = _NO_ANSWERS | _TRUTHS | {"none", "other", "any other", "nil", "negative", "positive"}
_LEAST_LABELS, _SAMPLE = 3, 500
_LIKE_A_DATE = "[0-9]{4}|[0-9][/.-][0-9]"


@dataclass(frozen=True)
class Judgement:
    """Holds whether values may be those of a field, whether they support it by themselves, and the reason."""

    is_possible: bool
    is_support: bool = False
    reason: str = ""


def format_share(part: int, whole: int) -> str:
    """Returns a share as a percentage, rounded down."""
    return f"{100 * part // whole}%"


def list_forms(values: pl.Series) -> list[str]:
    """Returns the date forms that a mapping must name, because only they parse some of these values."""
    every = parse_partial_dates(values, DATE_FORMS).count()
    if parse_partial_dates(values).count() == every:
        return []
    # Two forms can parse the same text, so only a form that adds values is necessary.
    return [
        form
        for form in DATE_FORMS
        if every > parse_partial_dates(values, [other for other in DATE_FORMS if other != form]).count()
    ]


def is_date_column(values: pl.Series) -> bool:
    """Returns whether most values of a column are full dates, by a sample."""
    filled = values.drop_nulls().head(_SAMPLE)
    # Parsing is slow, and a date has digits.
    if filled.is_empty() or filled.str.contains(_LIKE_A_DATE).sum() < LEAST_SHARE * len(filled):
        return False
    return parse_dates(filled, DATE_FORMS).count() >= LEAST_SHARE * len(filled)


def match_codes(values: pl.Series, header: str, lists: CodeLists) -> pl.Series:
    """Returns the code that each value matches; null where it matches none."""
    code_list = lists[get_field(header).code_list]
    return (parse_countries if header == "NATION" else parse_codes)(values, code_list)


def is_yes_or_no(values: pl.Series) -> bool:
    """Returns whether the values are yes and no, in any wording."""
    distinct = {text.casefold() for text in values.drop_nulls().unique()}
    return bool(distinct & _TRUTHS) and distinct <= _TRUTHS | _NO_ANSWERS


def label_share(values: pl.Series, code_list: CodeList) -> float:
    """Returns the share of values that are labels of a list, without those that many lists have, such as None."""
    counted = Counter(text for text in values.to_list() if text and text.casefold() not in _COMMON_LABELS)
    if len(counted) < _LEAST_LABELS or not code_list.codes:
        return 0.0
    labels = _list_labels(code_list)
    # A code alone may be any letter or number.
    matched = sum(number for text, number in counted.items() if len(text) > 3 and normalise_label(text) in labels)
    return matched / counted.total()


@cache
def _list_labels(code_list: CodeList) -> frozenset[str]:
    return frozenset(normalise_label(name) for code in code_list.codes for name in code.names)
