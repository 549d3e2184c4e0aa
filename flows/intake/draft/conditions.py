"""Proposes which rows to use: a system may mark deleted rows, test clients and merged records."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from flows.intake.draft.source_tables import SourceTable
from flows.intake.draft.values import format_share, is_yes_or_no
from flows.intake.draft.words import split_words

_DELETED = frozenset({"deleted", "delete", "void", "voided", "removed", "test", "dummy", "training", "erased"})
_DOUBTFUL = frozenset(
    {"cancelled", "inactive", "archived", "error", "duplicate", "hidden", "suppressed", "draft", "ignore"}
)
_ACTIVE = frozenset({"active", "live", "enabled"})
_MERGED = frozenset({"merged", "master", "survivor", "replaced", "superseded"})
_STATUS = frozenset({"status", "state"})
_BAD_STATUS = (
    _DELETED | _DOUBTFUL | frozenset({"waiting", "pending", "rejected", "withdrawn", "merged", "invalid", "entered"})
)
_FALSE = frozenset({"0", "false", "no", "n", "f"})
_MOST_STATUSES = 10


@dataclass(frozen=True)
class Condition:
    """Holds which values of a column mean that a row is used; it is a comment unless it is certain."""

    column: str
    kept: tuple[str, ...]
    dropped: tuple[str, ...]
    is_certain: bool
    reason: str


def find_conditions(table: SourceTable) -> list[Condition]:
    """Returns the conditions for a table, the certain ones first."""
    found = [condition for column in table.columns for condition in _find_condition(table.rows[column], column)]
    return sorted(found, key=lambda condition: not condition.is_certain)


def _find_condition(values: pl.Series, column: str) -> Iterator[Condition]:
    # 'live' and 'test' have other forms as words of a phrase.
    words = split_words(column) | set(column.lower().split("_"))
    distinct = sorted(values.drop_nulls().unique())
    if not distinct:
        return
    if is_yes_or_no(values) and words & (_DELETED | _DOUBTFUL | _ACTIVE):
        keeps_true = bool(words & _ACTIVE) and not words & (_DELETED | _DOUBTFUL)
        kept = [value for value in distinct if (value.casefold() in _FALSE) != keeps_true]
        yield from _build(values, column, kept, bool(words & _DELETED))
    elif words & _STATUS and len(distinct) <= _MOST_STATUSES:
        bad = [value for value in distinct if {part.lower() for part in value.split()} & _BAD_STATUS]
        yield from _build(values, column, [value for value in distinct if value not in bad], is_certain=False)
    elif words & _MERGED and values.null_count() > 0 and values.count() < len(values) / 2:
        share = format_share(values.count(), len(values))
        yield Condition(column, ("",), (), False, f"{share} of the rows have a value: they may be merged into another")


def _build(values: pl.Series, column: str, kept: list[str], is_certain: bool) -> Iterator[Condition]:
    dropped = sorted(set(values.drop_nulls()) - set(kept))
    number = int(values.is_in(dropped).sum()) if dropped else 0
    # A mark that most rows have means something else.
    if number * 2 > len(values) or not kept or (not dropped and not is_certain):
        return
    all_kept = ("", *kept) if values.null_count() else tuple(kept)
    yield Condition(
        column, all_kept, tuple(dropped), is_certain, f"leaves out {format_share(number, len(values))} of the rows"
    )  # fmt: skip
