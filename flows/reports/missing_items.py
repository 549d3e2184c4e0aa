"""Finds which required items an export and its mapping lack, without which nothing could be sent."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from flows.sources.mapping import SourceMapping
from flows.support.text import format_count
from schemas.code_lists import CodeLists
from schemas.dataset import ENTITIES, TABLE, Entity, list_entity_fields
from transforms.derive.identity import NAME_OF_INITIAL
from transforms.inputs import Export

# Without consent every record is withheld, and without its parent's id every record is rejected.
_ALSO_REQUIRED: dict[Entity, tuple[tuple[str, str], ...]] = {
    "client": (),
    "episode": (("CLIENTID", "client ID"), ("CONSENT", "consent for NDTMS")),
    "intervention": (("EPISODID", "episode ID"),),
}


@dataclass(frozen=True)
class MissingItem:
    """Holds a required field that no record has, and what is missing."""

    entity: Entity
    header: str
    title: str
    problem: str


def find_missing_items(
    export: Export, understood: Mapping[Entity, pl.DataFrame], lists: CodeLists
) -> list[MissingItem]:
    """Returns the required fields that no record has a usable value for; a constant is a value.

    Args:
        export: the records as read.
        understood: the records of each entity with their parsed values.
        lists: the code lists in force.
    """
    return [
        MissingItem(entity, header, title, problem)
        for entity in ENTITIES
        for header, title in _list_required(entity)
        if (problem := _find_problem(export, understood[entity], entity, header, lists))
    ]


def _list_required(entity: Entity) -> list[tuple[str, str]]:
    fields = [(field.header, field.title) for field in list_entity_fields(entity) if field.missing == "reject"]
    return [*fields, *_ALSO_REQUIRED[entity]]


def _find_problem(export: Export, parsed: pl.DataFrame, entity: Entity, header: str, lists: CodeLists) -> str:
    records = export.records[entity]
    if header not in records.columns or not records[header].count():
        return "no record has a value"
    if header == "AGNCY" and not export.agencies:
        return "no value is an agency code"
    values = parsed[f"{header}.value"] if f"{header}.value" in parsed.columns else records[header]
    if header == "CONSENT" and not values.is_in(list(lists["CONSENT"].find_codes_meaning(("yes",)))).any():
        return "no value means yes"
    is_date = values.dtype == pl.Date
    return "no value can be read as a date" if is_date and not values.count() else ""


def describe_missing_items(missing: Sequence[MissingItem], mapping: SourceMapping) -> Iterator[str]:
    """Yields the missing items with the next step, or that nothing required is missing."""
    if not missing:
        yield "required items: none is missing"
        return
    items = format_count(len(missing), "required item is", "required items are")
    yield f"nothing can be sent yet, because {items} missing:"
    for item in missing:
        yield f"  {item.header} ({item.title}): {item.problem}; {_find_step(item, mapping)}"


def _find_step(item: MissingItem, mapping: SourceMapping) -> str:
    """Returns what to do about a missing item, in words of the kind of mapping."""
    table, name = mapping.table(item.entity), TABLE[item.entity]
    header = NAME_OF_INITIAL.get(item.header, item.header)
    if item.problem == "no value can be read as a date":
        return "name their form under dates"
    if item.problem in ("no value is an agency code", "no value means yes"):
        return f"give its values codes under [{name}.codes.{item.header}]"
    if item.header in ("CMSID", "AGNCY"):
        where = "set it under [constants]"
    else:
        where = f"return it from {table.sql}" if table.sql else f"name its column under [{name}.columns]"
    return (
        f"add a column {header} to {table.file}"
        if table.by_header and not table.sql
        else (where if header == item.header else f"{where}, or {header}, from which it is derived")
    )
