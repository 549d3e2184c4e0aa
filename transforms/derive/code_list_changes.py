"""Compares a new code list with the one in force and copies the concepts over."""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from schemas.code_lists import Code, CodeList
from transforms.parse.codes import normalise_label


def copy_meanings(new: CodeList, old: CodeList) -> CodeList:
    """Copies the concepts of the old list to the new one, by code and then by label, unless the new one has its own."""
    if any(code.concept for code in new.codes):
        return new
    by_code = {code.code: code.concept for code in old.codes if code.concept}
    by_label = {normalise_label(code.label): code.concept for code in old.codes if code.concept and code.label}

    def find_meaning(code: Code) -> str:
        return by_code.get(code.code) or by_label.get(normalise_label(code.label)) or ""

    return replace(new, codes=tuple(replace(code, concept=find_meaning(code)) for code in new.codes))


def find_lost_meanings(new: CodeList, old: CodeList, needed: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Returns the concepts that rules need and that the new list no longer has, with those rules.

    Args:
        new: the list to load, after `copy_meanings`.
        old: the list in force.
        needed: the concepts of the list that rules use, and the names of the rules.
    """
    had, has = ({code.concept for code in code_list.codes} for code_list in (old, new))
    return {concept: rules for concept, rules in needed.items() if concept in had and concept not in has}


def compare_lists(new: CodeList, old: CodeList) -> pl.DataFrame:
    """Returns what loading a list changes: list, change (added, removed, changed, status), code, before, after."""
    before, after = ({code.code: code for code in code_list.codes} for code_list in (old, new))
    rows: list[tuple[str, str, str, str | None, str | None]] = [
        (new.name, "added", code, None, after[code].label) for code in after if code not in before
    ]
    rows += [(new.name, "removed", code, before[code].label, None) for code in before if code not in after]
    rows += [
        (new.name, "changed", code, _describe(before[code]), _describe(after[code]))
        for code in after
        if code in before and _describe(before[code]) != _describe(after[code])
    ]
    if new.status != old.status:
        rows.append((new.name, "status", "", old.status, new.status))
    columns = ("list", "change", "code", "before", "after")
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def _describe(code: Code) -> str:
    days = [f"from {code.valid_from}" if code.valid_from else "", f"to {code.valid_to}" if code.valid_to else ""]
    return " ".join(part for part in (code.label, f"({code.concept})" if code.concept else "", *days) if part)
