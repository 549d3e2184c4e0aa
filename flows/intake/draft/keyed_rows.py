"""Finds candidates in tables with a row for each answer, test or substance: a column says what the row is about."""

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from flows.intake.draft.answer_columns import find_number_column, has_several, list_answer_columns
from flows.intake.draft.columns import FAMILIES, find_with_lists, look_up
from flows.intake.draft.phrases import Match
from flows.intake.draft.places import Candidate, Export, Place
from flows.intake.draft.source_tables import SourceTable
from flows.intake.draft.values import Judgement, is_date_column, is_yes_or_no, label_share
from flows.intake.draft.words import has_contrary, is_about_others, split_words
from schemas.dataset import Entity
from transforms.parse.dates import parse_whole_numbers
from transforms.tables.printable import printable

# One word in a column of reasons may look like a question; several do not.
_MOST_KEYS, _LEAST_ROWS, _LEAST_FIELDS = 400, 2, 2
_KEY_WORDS = frozenset(
    {
        "question",
        "item",
        "kind",
        "type",
        "test",
        "field",
        "attribute",
        "measure",
        "code",
        "prompt",
        "name",
        "key",
        "screen",
        "variable",
    }
)
_VALUE_WORDS = frozenset({"value", "answer", "response", "result", "text", "outcome", "date", "score"})
_RANK_WORDS = frozenset(
    {
        "rank",
        "order",
        "priority",
        "sequence",
        "seq",
        "position",
        "number",
        "ranking",
        "ordinal",
        "problem",
        "level",
        "slot",
    }
)
_ORDINALS = (
    {"1", "primary", "main", "first", "1st"},
    {"2", "secondary", "second", "2nd"},
    {"3", "tertiary", "third", "3rd"},
)
_FIRST_NUMBERS = ("1", "2", "3")
_RANKED = {
    "DRUG": ("DRUG1", "DRUG2", "DRUG3"),
    "DISABLE": ("DISABLE1", "DISABLE2", "DISABLE3"),
    "EHCS": ("EHCS", "EHCS2", "EHCS3"),
}


def find_keyed_candidates(export: Export, table: SourceTable, entity: Entity) -> list[Candidate]:
    """Returns the candidates of the column that names the most fields, such as the question of an answer."""
    return export.remember((table.name, entity, "keyed"), lambda: _find_keyed(export, table, entity))


def _find_keyed(export: Export, table: SourceTable, entity: Entity) -> list[Candidate]:
    if is_about_others(table.name):
        return []
    found = [list(_find_by_key(export, table, column, entity)) for column in _list_key_columns(export, table)]
    best = max(found, key=lambda candidates: len({candidate.header for candidate in candidates}), default=[])
    return best if len({candidate.header for candidate in best}) >= _LEAST_FIELDS else []


def _list_key_columns(export: Export, table: SourceTable) -> list[str]:
    """Returns the columns with few values that occur again and again."""
    own_key = export.keys.key.get(table.name)
    return [
        column
        for column in table.columns
        if column != own_key
        and 2
        <= table.rows[column].drop_nulls().n_unique()
        <= min(_MOST_KEYS, table.rows[column].count() // _LEAST_ROWS)
        and not is_date_column(table.rows[column])
        and not is_yes_or_no(table.rows[column])
    ]


def _find_by_key(export: Export, table: SourceTable, column: str, entity: Entity) -> Iterator[Candidate]:
    meanings = _find_meanings(export, table, column)
    context = split_words(table.name)
    columns = list_answer_columns(export, table, column, entity)
    number = find_number_column(table, column)
    for key, meaning in meanings.items():
        rows = table.rows.filter(pl.col(column) == key)
        if len(rows) < _LEAST_ROWS:
            continue
        for other in columns:
            values = rows[other]
            own = split_words(meaning)
            if is_date_column(values):
                own |= split_words(other) - _VALUE_WORDS - _KEY_WORDS
            if values.count() == 0 or not split_words(meaning) or printable(key) != key:
                continue
            place = Place(table.name, other, ((column, key),), meaning=meaning if meaning != key else "")
            named = f"the {column}" if meaning == key else f"the question {meaning!r}"
            for candidate in find_with_lists(export, entity, place, values, own, context, "many", named):
                # A field that the column's own name shows, whatever the row is about, is not one of this kind.
                if candidate.match and candidate.match.own_words > len(split_words(other) & own):
                    yield from _number_answers(export, table, rows, candidate, number)


def _number_answers(
    export: Export, table: SourceTable, rows: pl.DataFrame, candidate: Candidate, number: str | None
) -> Iterator[Candidate]:
    """Yields a candidate, or one for each numbered field if a question has several answers, in rows of their own."""
    family = FAMILIES.get(candidate.header)
    if not family or candidate.place.part is not None:
        yield candidate
    elif number and rows[number].drop_nulls().n_unique() > 1:
        firsts = [value for value in _FIRST_NUMBERS if value in set(rows[number].drop_nulls())]
        for header, value in zip(family, firsts, strict=False):
            place = replace(candidate.place, only=(*candidate.place.only, (number, value)))
            yield replace(candidate, header=header, place=place, reason=f"{candidate.reason}; {number} is the order")
    elif not has_several(export, table, rows):
        # The latest of several answers without a number may be any of them.
        yield candidate


def _find_meanings(export: Export, table: SourceTable, column: str) -> dict[str, str]:
    """Returns the text of each question: the value itself, or what it means in the list that the column refers to."""
    distinct = sorted(table.rows[column].drop_nulls().unique())
    for reference in export.keys.list_from(table.name):
        if reference.column == column:
            other = export.tables[reference.to_table]
            labels = [label for label in other.columns if label != reference.to_column]
            longest = max(labels, key=lambda label: _mean_length(other.rows[label]), default=None)
            if longest:
                texts = look_up(pl.Series(distinct), other, reference.to_column, longest).to_list()
                return {key: text for key, text in zip(distinct, texts, strict=True) if text}
    return {key: key for key in distinct}


def _mean_length(values: pl.Series) -> float:
    mean = values.str.len_chars().mean()
    return float(mean) if isinstance(mean, int | float) else 0.0


def find_ranked_candidates(export: Export, table: SourceTable, entity: Entity) -> Iterator[Candidate]:
    """Yields the first, second and third substance or disability of a table with a row for each, and a rank."""
    if entity != "episode":
        return
    ranks = {column: keys for column in table.columns if (keys := _find_ranks(table, column))}
    rank = next((column for column in ranks if split_words(column) & _RANK_WORDS), next(iter(ranks), None))
    if rank is None:
        return
    for column in table.columns:
        for name, headers in _RANKED.items():
            share = label_share(table.rows[column], export.lists[name])
            if share < 0.5 or column == rank or has_contrary(split_words(column)):
                continue
            for header, key in zip(headers, ranks[rank], strict=False):
                place = Place(table.name, column, ((rank, key),))
                reason = f"{share:.0%} of its values are labels of the code list {name}; {rank} is the order"
                yield Candidate(header, place, "many", Match(header, True, False, 1, 0), Judgement(True, True), reason)


def _find_ranks(table: SourceTable, column: str) -> list[str]:
    """Returns the values that mean first, second and third, in this order."""
    distinct = [str(value) for value in table.rows[column].drop_nulls().unique()]
    if parse_whole_numbers(pl.Series(distinct, dtype=pl.String), 0, 20).count() < len(distinct) and len(distinct) > 6:
        return []
    folded = {value.casefold(): value for value in distinct}
    found = [next((folded[word] for word in sorted(words) if word in folded), None) for words in _ORDINALS]
    return [value for value in found if value] if found[0] and found[1] and len(distinct) <= 20 else []
