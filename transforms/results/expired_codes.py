"""Describes codes that are not valid in the month, and their successors."""

from datetime import date

import polars as pl

from schemas.code_lists import Code, CodeList, CodeLists
from schemas.dataset import list_fields

NOTES = {"rule": pl.String, "value": pl.String, "note": pl.String}


def describe_expired_codes(lists: CodeLists, day: date, recoded: pl.DataFrame) -> pl.DataFrame:
    """Returns notes on codes, and their labels, that are in a list but not valid on a day.

    Args:
        lists: the lists in force, with the codes of all days.
        day: the last day of the period.
        recoded: authorities whose code changed: old, new (as concepts).

    Returns:
        rule (`F.code`), value and note; each pair of rule and value once.
    """
    successors: dict[str, list[str]] = {}
    for old, new in recoded.select("old", "new").iter_rows():
        successors.setdefault(old, []).append(new)
    rows = [
        (f"{field.header}.code", text, _describe_code(code, lists[field.code_list], day, successors))
        for field in list_fields()
        if field.code_list
        for code in lists[field.code_list].codes
        if not code.is_valid_on(day)
        for text in (code.code, code.label)
    ]
    return pl.DataFrame(rows, schema=NOTES, orient="row").unique(["rule", "value"], keep="first", maintain_order=True)


def _describe_code(code: Code, code_list: CodeList, day: date, successors: dict[str, list[str]]) -> str:
    # The code is too new for the month, not expired.
    if code.valid_from is not None and day < code.valid_from:
        return f"It is valid from {code.valid_from} only"
    wanted = successors.get(code.concept, [])
    valid = [successor for successor in code_list.codes if successor.concept in wanted and successor.is_valid_on(day)]
    expired = f"It lapsed after {code.valid_to}"
    if not valid:
        return expired
    return f"{expired}; in its place: {', '.join(f'{successor.code} ({successor.label})' for successor in valid)}"
