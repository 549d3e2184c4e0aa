"""Finds which columns of a table with a row for each answer hold the answers, their numbers and their records."""

import math

import polars as pl

from flows.intake.draft.phrases import find_matches
from flows.intake.draft.places import Export
from flows.intake.draft.source_tables import SourceTable
from flows.intake.draft.values import LEAST_SHARE, is_date_column, is_yes_or_no
from flows.intake.draft.words import has_contrary, split_words
from schemas.dataset import Entity
from transforms.parse.dates import parse_whole_numbers

_VALUE_WORDS = frozenset({"value", "answer", "response", "result", "text", "outcome", "date", "score"})
_TIME_WORDS = frozenset({"answer", "response", "question", "date", "time", "result", "recorded", "entered"})
_NUMBER_WORDS = frozenset({"rank", "order", "priority", "sequence", "seq", "position", "number", "ordinal", "slot"})
_NEVER = frozenset({"deleted", "void", "active", "user", "staff", "id", "key"})
# A questionnaire has many questions, a table of tests only a few; only a test has a date of its own.
_MOST_TESTS, _MOST_ANSWERS, _LEAST_UNIQUE = 10, 30, 0.95


def list_answer_columns(export: Export, table: SourceTable, key: str, entity: Entity) -> list[str]:
    """Returns the columns with the answers: one for the whole table, those that are filled instead, and dates."""
    skipped = {key, export.keys.key.get(table.name), *(one.column for one in export.keys.list_from(table.name))}
    columns = [column for column in table.columns if column not in skipped and _may_hold_answers(table, column, entity)]
    dates = [column for column in columns if is_date_column(table.rows[column])]
    is_of_tests = table.rows[key].n_unique() <= _MOST_TESTS
    kept = [column for column in dates if is_of_tests or table.rows[column].count() < LEAST_SHARE * len(table.rows)]
    others = [column for column in columns if column not in dates and not _names_question(table.rows, key, column)]
    best = max(others, key=lambda column: _measure_dependence(table.rows, key, column), default=None)
    if best is None:
        return kept
    # A system may have a column for numbers and one for texts, of which each row has one.
    filled = pl.col(best).is_not_null()
    instead = [
        column
        for column in others
        if column != best and not table.rows.filter(filled & pl.col(column).is_not_null()).height
    ]
    return [best, *instead, *kept]


def _may_hold_answers(table: SourceTable, column: str, entity: Entity) -> bool:
    """Returns whether a column may hold what the key asks for: its own name is not that of a field or of a time."""
    words, values = split_words(column), table.rows[column]
    if has_contrary(words - _VALUE_WORDS) or any(match.is_exact for match in find_matches(words, frozenset(), entity)):
        return False
    if words & _NEVER or values.count() == 0 or (words & _NUMBER_WORDS and _is_numbering(values)):
        return False
    is_id = values.n_unique() >= _LEAST_UNIQUE * len(values) and not is_date_column(values)
    is_filled = values.count() >= LEAST_SHARE * len(values)
    return not is_id and not (words <= _TIME_WORDS and is_filled and is_date_column(values))


def _names_question(rows: pl.DataFrame, key: str, column: str) -> bool:
    """Returns whether a column has one value for each question: its code, its form or its section, and no answer."""
    of_question = rows.group_by(key).agg(pl.col(column).drop_nulls().n_unique().alias("values"), pl.len())
    asked_often = of_question.filter(pl.col("len") > 1)
    return len(asked_often) > 1 and int((asked_often["values"] <= 1).sum()) >= LEAST_SHARE * len(asked_often)


def _measure_dependence(rows: pl.DataFrame, key: str, column: str) -> float:
    """Returns the information that the values of a column have about the question of their row, in bits."""
    filled = rows.select(pl.col(key).alias("key"), pl.col(column).alias("value")).drop_nulls()
    if filled.is_empty():
        return 0.0
    return _measure(filled, "key") + _measure(filled, "value") - _measure(filled, "key", "value")


def _measure(rows: pl.DataFrame, *columns: str) -> float:
    """Returns the entropy of columns, in bits."""
    counts = rows.group_by(columns).len()["len"].to_list()
    return -sum(float(count) / len(rows) * math.log2(count / len(rows)) for count in sorted(counts))


def find_number_column(table: SourceTable, key: str) -> str | None:
    """Returns the column that numbers several answers to one question; None if no column is called so."""
    found = [
        column
        for column in table.columns
        if column != key and split_words(column) & _NUMBER_WORDS and _is_numbering(table.rows[column])
    ]
    return found[0] if len(found) == 1 else None


def _is_numbering(values: pl.Series) -> bool:
    filled = values.drop_nulls()
    numbers = parse_whole_numbers(filled, 0, _MOST_ANSWERS).drop_nulls()
    return len(filled) > 0 and len(numbers) == len(filled) and bool((numbers == 1).any()) and not _is_flag(values)


def _is_flag(values: pl.Series) -> bool:
    return is_yes_or_no(values) and values.drop_nulls().n_unique() > 1


def has_several(export: Export, table: SourceTable, rows: pl.DataFrame) -> bool:
    """Returns whether a record has several rows among these, on one day."""
    records = list(dict.fromkeys(one.column for one in export.keys.list_from(table.name)))
    dates = [column for column in table.columns if is_date_column(table.rows[column])]
    return bool(records) and rows.select(list(dict.fromkeys([*records, *dates]))).is_duplicated().any()
