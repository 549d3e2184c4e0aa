"""Drafts a mapping: reads the tables of an export, finds what they contain, and writes the mapping's files."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.intake.draft.choose import EntityDraft, draft_entities
from flows.intake.draft.keys import find_keys
from flows.intake.draft.places import Export
from flows.intake.draft.roles import find_roles
from flows.intake.draft.source_tables import ExportTables, read_export_tables
from flows.intake.draft.unused import describe_unused_tables
from flows.intake.draft.write_sql import write_sql
from flows.intake.draft.write_toml import needs_sql, write_toml
from schemas.code_lists import CodeLists


@dataclass(frozen=True)
class MappingDraft:
    """Holds the files of a drafted mapping by name, the mapping first, and what was chosen for each entity."""

    files: dict[str, str]
    entities: tuple[EntityDraft, ...]
    unused: tuple[str, ...]
    period: str = ""


def draft_mapping(paths: Sequence[Path], lists: CodeLists, name: str, folder: Path) -> MappingDraft:
    """Drafts the mapping of a system from its tables.

    Args:
        paths: a folder, an archive or files.
        lists: the code lists in force.
        name: the name of the new source.
        folder: the folder of the new mapping; its location is relative to it.

    Raises:
        InputRefused: a file cannot be read, or no table looks like that of the clients, episodes or interventions.
    """
    read = read_export_tables(paths)
    tables = {table.name: table for table in read.tables}
    export = Export(tables, find_keys(read.tables), lists)
    drafts = draft_entities(export, find_roles(export))
    unused = tuple(describe_unused_tables(drafts, export, read))
    notes = ["# Not used:", *(f"#   {line}" for line in unused)] if unused else []
    location = _find_location(read, folder)
    if needs_sql(drafts, export):
        files = write_sql(drafts, export, name, location, notes)
    else:
        files = {f"{name}.toml": write_toml(drafts, export, name, location, notes)}
    return MappingDraft(files, tuple(drafts), unused, read.period)


def _find_location(read: ExportTables, folder: Path) -> str:
    """Returns the location of the files, relative to the folder of the mapping."""
    relative = os.path.relpath(read.location, folder)
    return Path(relative).as_posix()
