"""Finds which tables of an export contain the clients, the episodes and the interventions."""

from collections.abc import Mapping
from dataclasses import dataclass

from flows.intake.draft.columns import find_column_candidates
from flows.intake.draft.keyed_rows import find_keyed_candidates
from flows.intake.draft.phrases import find_matches
from flows.intake.draft.places import Export
from flows.intake.draft.source_tables import SourceTable
from flows.intake.draft.words import is_about_others, split_words
from flows.support.errors import InputRefused
from schemas.dataset import ENTITIES, ID_FIELD, Entity

_NAMES: Mapping[Entity, frozenset[str]] = {
    "client": frozenset(
        {"client", "patient", "person", "prisoner", "offender", "resident", "demographic", "people", "prison"}
    ),
    "episode": frozenset(
        {"episode", "referral", "journey", "admission", "spell", "case", "engagement", "enrolment", "caseload", "stay"}
    ),
    "intervention": frozenset({"intervention", "treatment", "modality", "programme", "therapy", "activity", "step"}),
}
_WEIGHTS = {"DOB": 3, "FORENAME": 2, "SURNAME": 2, "MODAL": 3, "MODST": 2, "MODEND": 2}
# A table without any field of clients is not the table of the clients, whatever it is called.
_LEAST_SCORE = 1


@dataclass(frozen=True)
class Roles:
    """Holds the table of each entity, and which columns are its id and its parent's id; None where none was found."""

    tables: Mapping[Entity, SourceTable]
    ids: Mapping[Entity, str]
    parents: Mapping[Entity, str | None]


def find_roles(export: Export) -> Roles:
    """Returns the table of each entity.

    Raises:
        InputRefused: no table looks like that of the clients, episodes or interventions.
    """
    found: dict[Entity, SourceTable] = {}
    for entity in ENTITIES:
        scores = {
            table.name: _score(export, table, entity, found)
            for table in export.tables.values()
            if table not in found.values() and _find_id(export, table, entity) and not is_about_others(table.name)
        }
        best = max(scores, key=lambda name: scores[name], default=None)
        if best is None or scores[best] < _LEAST_SCORE:
            raise InputRefused(
                f"no table looks like that of the {entity}s: none has an id that the others refer to, or a column for"
                f" {ID_FIELD[entity]}; write a mapping by hand (docs/mapping-your-system.md)"
            )
        found[entity] = export.tables[best]
    ids = {entity: _require_id(export, table, entity) for entity, table in found.items()}
    parents: dict[Entity, str | None] = {
        "client": None,
        "episode": _find_parent(export, found["episode"], found["client"], "CLIENTID"),
        "intervention": _find_parent(export, found["intervention"], found["episode"], "EPISODID"),
    }
    return Roles(found, ids, parents)


def _find_id(export: Export, table: SourceTable, entity: Entity) -> str | None:
    """Returns the key of a table, or the column that is called like the id of an entity."""
    named = [
        column
        for column in table.columns
        if any(
            match.header == ID_FIELD[entity] and match.is_exact
            for match in find_matches(split_words(column), frozenset(), entity)
        )
    ]
    key = export.keys.key.get(table.name)
    return key if key is not None and (not named or key in named or entity != "client") else next(iter(named), key)


def _require_id(export: Export, table: SourceTable, entity: Entity) -> str:
    return _find_id(export, table, entity) or table.columns[0]


def _score(export: Export, table: SourceTable, entity: Entity, found: Mapping[Entity, SourceTable]) -> float:
    """Returns how many fields of an entity a table has, with its references and its name as further evidence."""
    headers = {candidate.header for candidate in find_column_candidates(export, table, entity, "main")}
    score = float(sum(_WEIGHTS.get(header, 1) for header in headers))
    if ID_FIELD[entity] in table.columns:
        score += 10
    if split_words(table.name) & _NAMES[entity]:
        score += 3
    if entity == "client":
        # Other tables refer to the clients, and the clients to no other person.
        return score and score + min(3, sum(one.to_table == table.name for one in export.keys.references))
    above = found["client" if entity == "episode" else "episode"]
    if not export.keys.find(table.name, above.name) and not _is_named_parent(table, entity):
        # An intervention may refer to the client only.
        return score - 5 if entity == "intervention" and export.keys.find(table.name, found["client"].name) else 0.0
    if entity == "episode":
        below = [one.table for one in export.keys.references if one.to_table == table.name]
        for name in sorted(set(below)):
            child = export.tables[name]
            fields = {candidate.header for candidate in find_column_candidates(export, child, entity, "main")}
            fields |= {candidate.header for candidate in find_keyed_candidates(export, child, entity)}
            score += 1 + 0.5 * len(fields)
    return score + 1


def _is_named_parent(table: SourceTable, entity: Entity) -> bool:
    parent = "CLIENTID" if entity == "episode" else "EPISODID"
    return any(
        match.header == parent and match.is_exact
        for column in table.columns
        for match in find_matches(split_words(column), frozenset(), entity)
    )


def _find_parent(export: Export, table: SourceTable, above: SourceTable, header: str) -> str | None:
    """Returns the column of a table that refers to the table above it."""
    reference = export.keys.find(table.name, above.name)
    if reference:
        return reference.column
    return next(
        (
            column
            for column in table.columns
            for match in find_matches(
                split_words(column), frozenset(), "episode" if header == "CLIENTID" else "intervention"
            )
            if match.header == header and match.is_exact
        ),
        None,
    )
