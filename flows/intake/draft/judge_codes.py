"""Judges whether the values of a column are codes, labels or answers of a coded field."""

from collections.abc import Iterator

import polars as pl

from flows.intake.draft.values import (
    LEAST_SHARE,
    Judgement,
    format_share,
    is_date_column,
    is_yes_or_no,
    label_share,
    match_codes,
)
from schemas.code_lists import CodeList, CodeLists
from schemas.dataset import get_field
from transforms.parse.dates import parse_whole_numbers

_MOST_DISTINCT, _LONGEST_CODE, _MOST_LABELS, _MOST_NUMBERS = 80, 60, 200, 3
# These two are about an offer of a vaccination or test, not about its result.
_OFFERS = ("HEPBSTAT", "HEPCSTAT")
_LONG_LISTS = ("NATION", "UTLA", "EXITDEST", "PRISON")
# The lists whose labels are found in no other list, so that labels alone are evidence against another field.
_DISTINCT_LISTS = (
    "ETHNIC", "SEXUALO", "RELIGION", "HOUSING", "DISRSN", "MODAL", "DISABLE", "EHCS", "DRUG", "PRNTSTAT", "INJSTAT",
    "RTOAGNCY",
)  # fmt: skip


def judge_codes(values: pl.Series, header: str, lists: CodeLists) -> Judgement:
    """Returns whether the filled values of a column may be those of a coded field."""
    code_list = lists[get_field(header).code_list]
    matched = match_codes(values, header, lists).count()
    share, distinct = matched / len(values), values.n_unique()
    contradiction = _find_contradiction(values, header, share, lists)
    if contradiction:
        return Judgement(False, reason=contradiction)
    reason = f"{format_share(matched, len(values))} of its values are codes or labels of {code_list.name}"
    if not matched:
        reason = f"its {distinct} different values still need codes"
    names_sentence = header == "SENTENCED" and _count_sentences(values) >= LEAST_SHARE * len(values)
    is_support = share >= 0.5 or (_asks_yes_or_no(code_list) and is_yes_or_no(values)) or names_sentence
    return Judgement(True, is_support, reason)


def _find_contradiction(values: pl.Series, header: str, share: float, lists: CodeLists) -> str:
    """Returns why the values cannot be those of a field; nothing if they may."""
    code_list = lists[get_field(header).code_list]
    is_short, answers = _is_short(values), is_yes_or_no(values)
    numbers = parse_whole_numbers(values, 0, 10**9).drop_nulls().n_unique()
    is_sentence = answers or values.str.contains("(?i)remand|sentenced").any()
    other = _find_other_list(values, code_list.name, lists) if share < 0.5 else None
    checks = {
        f"it has {values.n_unique()} different values": (
            values.n_unique() > _MOST_DISTINCT and header not in _LONG_LISTS and share < LEAST_SHARE
        ),
        "its values are dates": is_date_column(values),
        "its values are long texts": not is_short and share < LEAST_SHARE,
        # F alone, in a prison for women, is a code of SEX and no answer.
        "its values are yes and no": answers and not _asks_yes_or_no(code_list) and share < LEAST_SHARE,
        "its values are numbers": _asks_yes_or_no(code_list) and not answers and numbers > _MOST_NUMBERS,
        f"its values are those of the code list {other}": other is not None,
        "its values are results of tests": header in _OFFERS and _share_of_results(values) >= 0.5,
        "no value names remand or a sentence": header == "SENTENCED" and not is_sentence,
    }
    return next((reason for reason, holds in checks.items() if holds), "")


def _count_sentences(values: pl.Series) -> int:
    return int(values.str.contains("(?i)remand|sentenced|convicted").sum())


def _share_of_results(values: pl.Series) -> float:
    results = values.filter(values.str.contains("(?i)positive|negative|detected"))
    return len(results) / len(values)


def _is_short(values: pl.Series) -> bool:
    mean = values.str.len_chars().mean()
    return isinstance(mean, int | float) and mean <= _LONGEST_CODE


def _asks_yes_or_no(code_list: CodeList) -> bool:
    return {"yes", "no"} <= {code.label.casefold() for code in code_list.codes}


def _find_other_list(values: pl.Series, name: str, lists: CodeLists) -> str | None:
    for other in _DISTINCT_LISTS:
        if other != name and label_share(values, lists[other]) >= 0.6:
            return other
    return None


def iterate_label_lists(values: pl.Series, lists: CodeLists) -> Iterator[tuple[str, float]]:
    """Yields the lists whose labels most of the values are, with the share of these values."""
    if values.n_unique() > _MOST_LABELS:
        return
    for name in _DISTINCT_LISTS:
        share = label_share(values, lists[name])
        if share >= 0.5:
            yield name, share
