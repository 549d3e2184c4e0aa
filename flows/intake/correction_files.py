"""Finds the files of corrected records in their directory, and refuses every other file."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NoReturn

from flows.intake.corrected_records import WHOLE_FILES
from flows.intake.tables import make_relative
from flows.sources.mapping import SourceMapping, TableFile, TableMapping
from flows.support.errors import InputRefused
from flows.support.text import join_texts
from schemas.dataset import ENTITIES, TABLE, Entity

# Programs for files and spreadsheets write these next to the files that people edit.
_LEFT_BY_PROGRAMS = ("thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class CorrectionFiles:
    """The files of corrected records.

    `tables` describes how the corrected records of an entity are read; entities without any are missing. `whole` are
    the names of the files that replace those of the export.
    """

    tables: Mapping[Entity, TableMapping] = field(default_factory=dict)
    whole: tuple[str, ...] = ()


def find_correction_files(mapping: SourceMapping, folder: Path, inputs: Iterable[str]) -> CorrectionFiles:
    """Finds the files in a directory of corrections.

    Args:
        mapping: the mapping of the export.
        folder: the directory.
        inputs: the names of the files that the export is read from.

    Raises:
        InputRefused: the directory contains no file of corrected records or another file.
    """
    tables = {entity: choose_correction_table(mapping, entity) for entity in ENTITIES}
    whole = {f"{WHOLE_FILES}/{make_relative(name)}" for name in inputs}
    names = list(_list_files(folder))
    found = {entity: table for entity, table in tables.items() if any(_matches(name, table.file) for name in names)}
    allowed = {*(table.file for table in tables.values()), *whole}
    # A joined table without the table that it is joined to would have no effect.
    companions = {name for table in found.values() for name in _list_companions(table)}
    for name in names:
        if not any(_matches(name, other) for other in allowed | companions):
            _refuse_name(folder / name, name, allowed | companions)
    replacing = tuple(name for name in names if any(_matches(name, other) for other in whole))
    if not found and not replacing:
        raise InputRefused(f"{folder}: the directory has no file of corrected records; allowed: {_list(allowed)}")
    if found and replacing:
        records = _list(table.file for table in found.values())
        raise InputRefused(
            f"{folder}: the directory has corrected records in {records} and whole files in {WHOLE_FILES}/; only one of"
            " the two is allowed"
        )
    return CorrectionFiles(found, replacing)


def choose_correction_table(mapping: SourceMapping, entity: Entity) -> TableMapping:
    """Returns how corrected records are read: like the table itself, or under the dataset's headers.

    The records of SQL or of a query of a database have no file of their own, so they have the dataset's headers.
    """
    table = mapping.table(entity)
    if table.sql or table.query:
        by_header = {"sql": "", "query": "", "joins": (), "where": {}, "by_header": True}
        return table.model_copy(update={**by_header, "file": f"{TABLE[entity]}.csv"})
    joins = tuple(
        join.model_copy(update={"file": make_relative(join.file)}) if join.file else join for join in table.joins
    )
    return table.model_copy(update={"file": make_relative(table.file), "joins": joins})


def _list_companions(table: TableMapping) -> Iterator[str]:
    """Yields the other files that a table is read from."""
    parts: tuple[TableFile, ...] = (table, *table.joins)
    yield from (part.file for part in table.joins if part.file)
    yield from (f"{part.file}{part.marker}" for part in parts if part.file and part.marker)


def _list_files(folder: Path) -> Iterator[str]:
    """Yields the names of the files in a directory and its subdirectories, except those that programs leave there."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        is_left = path.name.lower() in _LEFT_BY_PROGRAMS or any(part.startswith((".", "~$")) for part in parts)
        if not path.is_dir() and not is_left:
            yield "/".join(parts)


def _matches(name: str, pattern: str) -> bool:
    # The name of a file may contain brackets.
    return name == pattern or fnmatchcase(name, pattern)


def _refuse_name(path: Path, name: str, allowed: Collection[str]) -> NoReturn:
    for other in sorted(allowed):
        if _matches(name.casefold(), other.casefold()):
            raise InputRefused(f"{path}: the name differs from {other} only in case; rename the file")
    raise InputRefused(f"{path}: the name is not that of a file of corrected records; allowed: {_list(allowed)}")


def _list(names: Iterable[str]) -> str:
    return join_texts(sorted(set(names), key=lambda name: (name.startswith(f"{WHOLE_FILES}/"), name)))
