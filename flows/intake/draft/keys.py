"""Finds the keys of tables, and which column refers to which key, by their values; names are only a hint."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from flows.intake.draft.source_tables import SourceTable
from flows.intake.draft.values import is_date_column
from flows.intake.draft.words import split_words

# A table may contain some rows twice, and some of its rows may refer to a row that is missing.
_LEAST_UNIQUE, _LEAST_CONTAINED = 0.95, 0.9
_LONGEST_KEY, _SHORT_KEY = 40, 5
_KEY_WORDS = frozenset({"id", "key", "number", "reference", "code", "ref", "pk", "fk"})
_LOOK_UP = re.compile(r"(?:^|[^a-zA-Z]|(?<=[a-z]))(?:look_?up|lkp|lkup)(?![a-z])", re.IGNORECASE)
_NOT_KEYS = frozenset({"name", "surname", "forename", "postcode", "note", "comment", "dob", "birth", "phone", "email"})


@dataclass(frozen=True)
class Reference:
    """Holds a column whose values are keys of another table."""

    table: str
    column: str
    to_table: str
    to_column: str
    share: float
    is_unique: bool


@dataclass(frozen=True)
class Keys:
    """Holds the key of each table that has one, and the references between the tables."""

    key: Mapping[str, str]
    references: tuple[Reference, ...]

    def find(self, table: str, to_table: str) -> Reference | None:
        """Returns the best reference from one table to another."""
        found = [one for one in self.references if one.table == table and one.to_table == to_table]
        return max(found, key=lambda one: (_name_likeness(one), one.share), default=None)

    def list_from(self, table: str) -> list[Reference]:
        """Returns the references of a table's columns."""
        return [one for one in self.references if one.table == table]


def find_keys(tables: Sequence[SourceTable]) -> Keys:
    """Returns the keys of the tables and the references between them."""
    possible = {table.name: _list_possible_keys(table) for table in tables}
    distinct = {
        (table.name, column): frozenset(table.rows[column].drop_nulls())
        for table in tables
        for column in table.columns
        if _is_short(table.rows[column]) and not is_date_column(table.rows[column].head(200))
    }
    found = [
        reference
        for table in tables
        for column in table.columns
        if (table.name, column) in distinct
        for other in tables
        if other is not table
        for key in possible[other.name]
        if (reference := _compare(table, column, other, key, distinct))
    ]
    key = {table.name: best for table in tables if (best := _choose_key(table, possible, found))}
    kept = [one for one in found if key.get(one.to_table) == one.to_column]
    return Keys(key, tuple(kept))


def _is_short(values: pl.Series) -> bool:
    longest = values.str.len_chars().max()
    return values.count() > 0 and isinstance(longest, int) and longest <= _LONGEST_KEY


def _list_possible_keys(table: SourceTable) -> list[str]:
    """Returns the columns that identify a row."""
    rows = len(table.rows)
    return [
        column
        for column in table.columns
        if rows
        and table.rows[column].null_count() <= rows * (1 - _LEAST_UNIQUE)
        and table.rows[column].drop_nulls().n_unique() >= _LEAST_UNIQUE * rows
        and _is_short(table.rows[column])
        and not split_words(column) & _NOT_KEYS
        and not is_date_column(table.rows[column])
    ]


def _compare(
    table: SourceTable, column: str, other: SourceTable, key: str, distinct: Mapping[tuple[str, str], frozenset[str]]
) -> Reference | None:
    values, keys = distinct[table.name, column], distinct.get((other.name, key), frozenset())
    if not values or not keys:
        return None
    share = len(values & keys) / len(values)
    reference = Reference(
        table.name, column, other.name, key, share, len(values) >= _LEAST_UNIQUE * table.rows[column].count()
    )
    likeness = _name_likeness(reference)
    if share < _LEAST_CONTAINED and not (likeness >= 2 and share >= 0.5):
        return None
    # Small numbers and short words occur in many columns, so only the name shows that these are keys.
    is_telling = sum(map(len, keys)) / len(keys) >= _SHORT_KEY and not all(map(str.isdigit, keys))
    return reference if likeness or (is_telling and len(values) > 1) else None


def _name_likeness(reference: Reference) -> int:
    """Returns how much the name of a column is like that of the table or key that it refers to: 0 to 3."""
    own, key, table = (split_words(name) for name in (reference.column, reference.to_column, reference.to_table))
    # A bare id is the id of its own table.
    if own <= _KEY_WORDS:
        return 0
    # All lists may be in one table, as in SexLookupId and LOOKUP.
    if _LOOK_UP.search(reference.column) and _LOOK_UP.search(reference.to_table):
        return 2
    return 2 * bool((own - _KEY_WORDS) & (table | key)) + (own == key)


def _choose_key(
    table: SourceTable, possible: Mapping[str, Sequence[str]], references: Sequence[Reference]
) -> str | None:
    """Returns the possible key that other tables refer to most; then the one that is named like a key."""
    own = split_words(table.name)

    def rank(column: str) -> tuple[bool, int, bool, bool, int]:
        words = split_words(column)
        incoming = {one.table for one in references if one.to_table == table.name and one.to_column == column}
        # A table with one row for each row of another one has the ids of both.
        is_of_other = not (words - _KEY_WORDS) & own and any(
            name != table.name and split_words(other) == words and (words - _KEY_WORDS) & split_words(name)
            for name, columns in possible.items()
            for other in columns
        )
        like_table = bool((words - _KEY_WORDS) & own)
        return (not is_of_other, len(incoming), bool(words & _KEY_WORDS), like_table, -table.columns.index(column))

    return max(possible[table.name], key=rank, default=None)
