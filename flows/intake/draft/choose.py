"""Chooses the place of each field among the candidates; leaves a field out if two places are as likely."""

from collections.abc import Iterator
from dataclasses import dataclass

from flows.intake.draft.columns import NUMBERED, find_column_candidates
from flows.intake.draft.judge import EMPTY
from flows.intake.draft.keyed_rows import find_keyed_candidates, find_ranked_candidates
from flows.intake.draft.movements import find_movement_candidates
from flows.intake.draft.places import Candidate, Export
from flows.intake.draft.roles import Roles
from flows.intake.draft.source_tables import SourceTable
from flows.sources.mapping import known_columns
from schemas.dataset import ENTITIES, ID_FIELD, Entity

_PARENT_FIELD: dict[Entity, str] = {"client": "", "episode": "CLIENTID", "intervention": "EPISODID"}
_MOST_SHOWN = 3
_LEAST_WORDS = 2


@dataclass(frozen=True)
class EntityDraft:
    """Holds what was chosen for the table of one entity.

    `chosen` has one candidate for each proposed field, and `open_fields` the best candidates of each other field.
    """

    entity: Entity
    table: SourceTable
    id_column: str
    parent_column: str | None
    chosen: dict[str, Candidate]
    open_fields: dict[str, tuple[Candidate, ...]]

    @property
    def id_field(self) -> str:
        """Returns the field that identifies a record."""
        return ID_FIELD[self.entity]

    @property
    def parent_field(self) -> str:
        """Returns the field that names the record's client or episode; nothing for a client."""
        return _PARENT_FIELD[self.entity]


def draft_entities(export: Export, roles: Roles) -> list[EntityDraft]:
    """Returns the draft of each entity."""
    drafts: list[EntityDraft] = []
    for entity in ENTITIES:
        # The agency of an episode is that of its client, unless the clients have none.
        has_agency = any("AGNCY" in draft.chosen for draft in drafts)
        drafts.append(_draft_entity(export, roles, entity, {"AGNCY"} if has_agency else set()))
    return drafts


def _draft_entity(export: Export, roles: Roles, entity: Entity, known: set[str]) -> EntityDraft:
    by_header: dict[str, list[Candidate]] = {}
    for candidate in _list_candidates(export, roles, entity):
        by_header.setdefault(candidate.header, []).append(candidate)
    identifiers = {ID_FIELD[entity], _PARENT_FIELD[entity]} | known
    chosen: dict[str, Candidate] = {}
    open_fields: dict[str, tuple[Candidate, ...]] = {}
    taken = _find_contested(by_header)
    for header in known_columns(entity):
        if header in identifiers:
            continue
        ranked = sorted(by_header.get(header, ()), key=lambda candidate: candidate.rank, reverse=True)
        best = _choose(ranked)
        # Other codes of an episode's site need a table of codes first.
        if best and header == "AGNCY" and entity == "episode" and not best.judgement.is_support:
            best = None
        if best and (header, str(best.place), best.place.part) not in taken:
            chosen[header] = best
        else:
            open_fields[header] = tuple(ranked[:_MOST_SHOWN])
    for initial, name in (("FINITIAL", "FORENAME"), ("SINITIAL", "SURNAME")):
        if name in chosen:
            open_fields.pop(initial, None)
            chosen.pop(initial, None)
        elif initial in chosen:
            open_fields.pop(name, None)
    # The authority follows from the postcode, and the version of the system is a constant.
    for derived in ("CMSID", *(["UTLA"] if "PC" in chosen else [])):
        if not open_fields.get(derived):
            open_fields.pop(derived, None)
    return EntityDraft(
        entity, roles.tables[entity], roles.ids[entity], roles.parents[entity], chosen, open_fields
    )  # fmt: skip


def _choose(ranked: list[Candidate]) -> Candidate | None:
    """Returns the best candidate, if the next one is less likely."""
    if not ranked:
        return None
    best = ranked[0]
    # A table with several rows for each record may be about anything, so a part of its words is not enough.
    if best.relation == "many" and not best.rank[0] and not _is_clear_question(best):
        return None
    rivals = [one for one in ranked[1:] if _is_as_likely(one, best) and str(one.place) != str(best.place)]
    return None if rivals else best


def _is_as_likely(candidate: Candidate, best: Candidate) -> bool:
    # This month's export does not show what an empty column means.
    is_empty = candidate.judgement.reason == EMPTY and candidate.rank[:3] == best.rank[:3]
    return candidate.rank == best.rank or is_empty


def _is_clear_question(candidate: Candidate) -> bool:
    """Returns whether a question has several words of a field, and answers that are those of the field."""
    words = candidate.match.own_words if candidate.match else 0
    return bool(candidate.place.only) and candidate.judgement.is_support and words >= _LEAST_WORDS


def _find_contested(by_header: dict[str, list[Candidate]]) -> set[tuple[str, str, int | None]]:
    """Returns the fields and places where one place is the best candidate of several fields of the same table."""
    best: dict[tuple[str, int | None], list[Candidate]] = {}
    for candidates in by_header.values():
        found = _choose(sorted(candidates, key=lambda candidate: candidate.rank, reverse=True))
        if found:
            best.setdefault((str(found.place), found.place.part), []).append(found)
    return {
        (candidate.header, place, part)
        for (place, part), candidates in best.items()
        if len(candidates) > 1
        for candidate in candidates
        if candidate.rank <= max(other.rank for other in candidates if other is not candidate)
    }


def _list_candidates(export: Export, roles: Roles, entity: Entity) -> Iterator[Candidate]:
    """Yields the candidates in the tables that are related to the table of an entity."""
    main = roles.tables[entity]
    yield from find_column_candidates(export, main, entity, "main")
    if entity == "intervention":
        return
    taken = {table.name for table in roles.tables.values()}
    for table in export.tables.values():
        if table.name in taken:
            continue
        reference = export.keys.find(table.name, main.name)
        of_client = export.keys.find(table.name, roles.tables["client"].name) if entity == "episode" else None
        if reference and reference.is_unique:
            yield from find_column_candidates(export, table, entity, "one")
        elif reference or of_client:
            yield from _list_repeated(export, table, entity)
    if entity == "episode" and roles.parents["episode"]:
        yield from find_column_candidates(export, roles.tables["client"], entity, "parent")


def _list_repeated(export: Export, table: SourceTable, entity: Entity) -> Iterator[Candidate]:
    """Yields the candidates in a table with several rows for each record."""
    moved = find_movement_candidates(export, table) if entity == "episode" else []
    keyed = [] if moved else find_keyed_candidates(export, table, entity)
    yield from moved
    yield from keyed
    if not moved:
        answers = {candidate.place.column for candidate in keyed}
        ranked = find_ranked_candidates(export, table, entity)
        yield from (candidate for candidate in ranked if candidate.place.column not in answers)
        if not keyed:
            found = find_column_candidates(export, table, entity, "many")
            # The latest of several rows may be any of the numbered values.
            yield from (one for one in found if one.place.part is not None or one.header not in NUMBERED)
