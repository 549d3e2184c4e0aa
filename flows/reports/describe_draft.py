"""Describes a drafted mapping: which fields were found where, what was left out, and the next step."""

from collections.abc import Iterator
from pathlib import Path

from flows.intake.draft.choose import EntityDraft
from flows.intake.draft.draft import MappingDraft
from flows.support.text import format_count, join_texts
from schemas.dataset import TABLE

_MOST_FILES = 6


def describe_draft(draft: MappingDraft, mapping: Path) -> Iterator[str]:
    """Yields lines about a draft that was written to `mapping`, without a value of a record."""
    yield f"written: {join_texts(draft.files, _MOST_FILES)}"
    for entity in draft.entities:
        yield from _describe_entity(entity)
    if draft.unused:
        yield f"not used ({len(draft.unused)}), with the reasons at the end of {mapping.name}:"
        yield from (f"  {line}" for line in draft.unused)
    yield f"next: check each line of {format_count(len(draft.files), 'file')}, set what [constants] requires, then run"
    yield f"  ndtms source check {mapping} --period {draft.period or 'YYYY-MM'}"


def _describe_entity(draft: EntityDraft) -> Iterator[str]:
    without = [header for header, candidates in draft.open_fields.items() if not candidates]
    doubtful = [header for header, candidates in draft.open_fields.items() if candidates]
    found = len(draft.chosen) + 1 + bool(draft.parent_column)
    yield f"{TABLE[draft.entity]}: {draft.table.name}, {format_count(found, 'field')}"
    if without:
        yield f"  not proposed, no column was found ({len(without)}): {join_texts(without, most=80)}"
    if doubtful:
        yield f"  not proposed, because it is not certain ({len(doubtful)}): {join_texts(doubtful, most=80)}"
