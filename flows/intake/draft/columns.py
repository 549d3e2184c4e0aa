"""Finds candidates among the columns of tables, and the look-up lists that columns refer to."""

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from flows.intake.draft.judge import judge_values
from flows.intake.draft.judge_codes import iterate_label_lists
from flows.intake.draft.phrases import Match, find_matches
from flows.intake.draft.places import Candidate, Export, Place, Relation, find_candidates
from flows.intake.draft.source_tables import SourceTable
from flows.intake.draft.words import Words, has_contrary, is_about_others, remove_instructions, split_words
from flows.intake.missing_columns import is_like_a_value
from flows.sources.mapping import known_columns
from schemas.dataset import ID_FIELD, Entity, list_entity_fields

_ID_WORDS = frozenset({"id", "key", "fk", "code", "number"})
_LONGEST_LIST = 500
# Fields whose labels belong to no other field, so that values alone show the field.
_BY_LABELS = frozenset(
    {"SEXUALO", "RELIGION", "ETHNIC", "HOUSING", "PRNTSTAT", "INJSTAT", "DISRSN", "MODAL", "RTOAGNCY"}
)
FAMILIES = {
    "DISABLE1": ("DISABLE1", "DISABLE2", "DISABLE3"),
    "EHCS": ("EHCS", "EHCS2", "EHCS3"),
    "DRUG1": ("DRUG1", "DRUG2", "DRUG3"),
}
NUMBERED = frozenset(header for headers in FAMILIES.values() for header in headers)
_SEPARATORS = ("; ", ";", "|")
_LEAST_LISTS = 0.02
_LEAST_HEADERS = 3


def find_column_candidates(export: Export, table: SourceTable, entity: Entity, relation: Relation) -> list[Candidate]:
    """Returns the candidates among the columns of a table that are neither its key nor a reference."""
    return export.remember((table.name, entity, relation), lambda: _iterate_candidates(export, table, entity, relation))


def _iterate_candidates(export: Export, table: SourceTable, entity: Entity, relation: Relation) -> Iterator[Candidate]:
    if is_about_others(table.name):
        return
    references = {one.column for one in export.keys.list_from(table.name)}
    for column in table.columns:
        if _is_like_a_value(column):
            continue
        if column in references:
            yield from _find_looked_up(export, table, column, entity, relation)
        elif column != export.keys.key.get(table.name) or _is_person_number(column):
            yield from _find_named(export, table, column, entity, relation)


def _is_like_a_value(column: str) -> bool:
    """Returns whether a header looks like a value; a question may be long, but not contain a number or postcode."""
    text = remove_instructions(column)
    words = text.split()
    if not text.endswith("?"):
        return is_like_a_value(text)
    return any(is_like_a_value(" ".join(words[start : start + 8])) for start in range(0, max(1, len(words)), 4))


def _find_named(
    export: Export, table: SourceTable, column: str, entity: Entity, relation: Relation
) -> Iterator[Candidate]:
    place, values, own = Place(table.name, column), table.rows[column], split_words(column)
    if _has_headers_of_the_dataset(table, entity) and column in known_columns(entity):
        judgement = export.judge(place, values, column)
        yield Candidate(
            column, place, relation, Match(column, True, False, 1, 0), judgement, "it is the field's header"
        )
        return
    found = list(find_with_lists(export, entity, place, values, own, split_words(table.name), relation))
    yield from found
    if not found and not has_contrary(own):
        yield from _find_by_labels(export, place, values, entity, relation)


def _has_headers_of_the_dataset(table: SourceTable, entity: Entity) -> bool:
    """Returns whether a table uses the dataset's own headers; a single PRISON may be another system's word."""
    known = [column for column in table.columns if column in known_columns(entity)]
    return ID_FIELD[entity] in known or len(known) >= _LEAST_HEADERS


def _is_person_number(column: str) -> bool:
    return bool(split_words(column) & {"noms", "nomis", "prison"})


def _find_looked_up(
    export: Export, table: SourceTable, column: str, entity: Entity, relation: Relation
) -> Iterator[Candidate]:
    """Yields the candidates of the list that a column refers to, such as the name of a site."""
    for reference in export.keys.list_from(table.name):
        other = export.tables[reference.to_table]
        if reference.column != column or len(other.rows) > _LONGEST_LIST or export.keys.list_from(other.name):
            continue
        for label in other.columns:
            if label == reference.to_column:
                continue
            place = Place(other.name, label, through=(table.name, column))
            values = look_up(table.rows[column], other, reference.to_column, label)
            words = split_words(column) - _ID_WORDS
            yield from find_candidates(
                export, entity, place, values, words | split_words(label), split_words(other.name), relation,
                f"its name, through {column}",
            )  # fmt: skip


def look_up(values: pl.Series, other: SourceTable, key: str, label: str) -> pl.Series:
    """Returns the labels that values refer to."""
    meanings = dict(zip(other.rows[key].to_list(), other.rows[label].to_list(), strict=True))
    return pl.Series(label, [meanings.get(value) for value in values.to_list()], dtype=pl.String)


def _find_by_labels(
    export: Export, place: Place, values: pl.Series, entity: Entity, relation: Relation
) -> Iterator[Candidate]:
    """Yields the field whose labels the values of a column are, if its name shows nothing."""
    if relation == "many":
        return
    headers = {field.code_list: field.header for field in list_entity_fields(entity) if field.header in _BY_LABELS}
    lists = [(name, share) for name, share in iterate_label_lists(values, export.lists)]
    if len(lists) == 1 and lists[0][0] in headers:
        header, share = headers[lists[0][0]], lists[0][1]
        judgement = judge_values(values, header, export.lists)
        if judgement.is_possible:
            reason = f"its values alone: {share:.0%} are labels of the code list {lists[0][0]}"
            yield Candidate(header, place, relation, None, judgement, reason)


def find_with_lists(
    export: Export,
    entity: Entity,
    place: Place,
    values: pl.Series,
    own: Words,
    context: Words,
    relation: Relation,
    named: str = "its name",
) -> Iterator[Candidate]:
    """Yields the candidates of a place; one for each of several fields if a text may contain several values."""
    if not find_matches(own, context, entity):
        return
    separator = find_separator(values)
    judged = values.str.split(separator).explode().str.strip_chars() if separator else values
    for candidate in find_candidates(export, entity, place, judged, own, context, relation, named):
        family = FAMILIES.get(candidate.header)
        if not family or not separator or own & {"1", "2", "3"}:
            yield candidate
            continue
        for number, header in enumerate(family, start=1):
            part = replace(place, part=number, separator=separator)
            reason = f"{candidate.reason}; part {number} of texts such as 'a{separator}b'"
            yield replace(candidate, header=header, place=part, reason=reason)


def find_separator(values: pl.Series) -> str:
    """Returns what separates the values of a text that contains several; nothing if there is one in each."""
    filled = values.drop_nulls()
    for separator in _SEPARATORS:
        if len(filled) and filled.str.contains(separator, literal=True).sum() >= _LEAST_LISTS * len(filled):
            return separator
    return ""
