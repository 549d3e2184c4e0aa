"""Loads a user's reference data: official code lists, and releases of the postcode directory."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from flows.reference.in_force import (
    digest_path,
    keep_lists,
    load_lists,
    load_reference_in_force,
    read_loaded_lists,
)
from flows.reference.numbered_files import next_path
from flows.reference.packed_directory import DirectoryError, write_packed
from flows.reference.postcode_releases import Progress, read_release, release_name
from flows.support.atomic_files import write_atomically
from flows.support.errors import InputRefused
from flows.support.text import format_count
from schemas.code_lists import CodeList
from schemas.rules.catalogue import find_needed_meanings
from transforms.derive.code_list_changes import compare_lists, copy_meanings, find_lost_meanings
from transforms.derive.postcode_directory import count_moved_postcodes

_MOST_MOVES = 10
# How many changes of a list are shown before it is loaded.
_MOST_CHANGES = 20
_CHANGES = {"added": "new", "changed": "changed", "removed": "no longer in the list"}
# A release with fewer than one in this many of the postcodes in force triggers a warning.
_FEW = 10


@dataclass(frozen=True)
class Release:
    """Holds a postcode directory that was read (sector, unit, authority), and the name of its release."""

    directory: pl.DataFrame
    name: str


def prepare_lists(home: Path, lists: Mapping[str, CodeList]) -> dict[str, CodeList]:
    """Returns the lists with the meanings of the lists in force carried over.

    Raises:
        InputRefused: rules need a meaning that the list in force has and no code of the new list has.
    """
    in_force = load_reference_in_force(home).lists
    # Official lists have no concepts, so they are copied from the list in force.
    ready = {name: copy_meanings(code_list, in_force[name]) for name, code_list in lists.items()}
    for name, code_list in sorted(ready.items()):
        for concept, rules in find_lost_meanings(
            code_list, in_force[name], find_needed_meanings().get(name, {})
        ).items():
            rule_names = sorted(set(rules))
            raise InputRefused(
                f"the list {name}: no code has the concept {concept!r}, which {', '.join(rule_names)}"
                f" {'needs' if len(rule_names) == 1 else 'need'}; write it in the column `concept` of a table with the"
                " columns of code-lists.csv"
            )
    return ready


def load_code_lists(home: Path, lists: Mapping[str, CodeList], day: date) -> list[str]:
    """Puts lists in force, each replaced as a whole, and returns a line for each list."""
    before = load_reference_in_force(home).lists
    load_lists(home, lists, day)
    return [
        f"{name}: {format_count(len(code_list.codes), 'code')}, {code_list.status},"
        f" instead of {len(before[name].codes)}, {before[name].status}"
        for name, code_list in sorted(lists.items())
    ]


def unload_code_lists(home: Path, names: list[str]) -> list[str]:
    """Puts the shipped lists back in force, and returns a line for each list.

    Raises:
        InputRefused: a list was not loaded.
    """
    loaded = read_loaded_lists(home)
    for name in names:
        # Checks every name before any list changes.
        if name not in loaded:
            raise InputRefused(f"{name} was not loaded; loaded lists: {', '.join(sorted(loaded)) or 'none'}")
    keep_lists(home, [name for name in loaded if name not in names])
    return [f"{name}: the shipped list is in force again" for name in names]


def compare_with_lists_in_force(home: Path, lists: Mapping[str, CodeList]) -> pl.DataFrame:
    """Returns what loading these lists would change: list, change, code, before, after."""
    in_force = load_reference_in_force(home).lists
    return pl.concat([compare_lists(code_list, in_force[name]) for name, code_list in sorted(lists.items())])


def describe_changes(home: Path, lists: Mapping[str, CodeList]) -> str:
    """Describes what loading these lists would change: new codes, changed texts, and codes that disappear."""
    in_force = load_reference_in_force(home).lists
    lines = []
    for name, code_list in sorted(lists.items()):
        before = in_force[name]
        changes = compare_lists(copy_meanings(code_list, before), before).filter(pl.col("change") != "status")
        counts = [(change, len(changes.filter(pl.col("change") == change)), word) for change, word in _CHANGES.items()]
        summary = ", ".join(f"{count} {word}" for _, count, word in counts if count) or "no code changes"
        lines.append(
            f"{name}: {format_count(len(code_list.codes), 'code')}, {code_list.status}, instead of"
            f" {len(before.codes)}, {before.status}: {summary}"
        )
        lines += [_format_change(change) for change in changes.head(_MOST_CHANGES).iter_rows(named=True)]
        if len(changes) > _MOST_CHANGES:
            lines.append(f"  and {len(changes) - _MOST_CHANGES} more; `ndtms reference diff` shows all changes")
    return "\n".join(lines)


def _format_change(change: Mapping[str, str | None]) -> str:
    texts = " -> ".join(repr(change[side]) for side in ("before", "after") if change[side] is not None)
    return f"  {_CHANGES[str(change['change'])]}: {change['code']} {texts}"


def read_postcodes(file: Path, progress: Progress | None = None) -> Release:
    """Reads a release of the ONSPD or NSPL.

    Raises:
        InputRefused: the file is not such a release.
    """
    try:
        return Release(read_release(file, progress), release_name(file))
    except DirectoryError as error:
        raise InputRefused(str(error)) from None


def warn_of_few_postcodes(home: Path, release: Release) -> str:
    """Warns if a release has fewer than a tenth of the postcodes in force; else returns ''."""
    before = len(load_reference_in_force(home).directory)
    # A part of a release, such as one area, has the columns of a whole one.
    if len(release.directory) * _FEW >= before:
        return ""
    return (
        f"{release.name} has {format_count(len(release.directory), 'postcode')}, fewer than a tenth of the {before} in"
        " force; it may be only a part of a release"
    )


def store_postcodes(home: Path, release: Release) -> str:
    """Puts a release in force, and returns lines that describe it and the postcodes that moved."""
    before = load_reference_in_force(home)
    moved = count_moved_postcodes(before.directory, release.directory)
    path = next_path(home, "postcodes", ".parquet")
    write_packed(release.directory, path, release.name)
    # The digest is written last: a kill before it leaves a directory that is used without a check for damage.
    write_atomically(digest_path(path), hashlib.sha256(path.read_bytes()).hexdigest().encode())
    authority = release.directory["authority"].drop_nulls().unique()
    # E07 codes are districts whose county is unknown, not authorities.
    authorities = len(authority) - int(authority.str.starts_with("E07").sum())
    postcodes = format_count(len(release.directory), "postcode")
    verb = "is" if len(release.directory) == 1 else "are"
    lines = [f"{release.name}: {postcodes} of {format_count(authorities, 'authority', 'authorities')} {verb} in force"]
    lines.append(f"instead of {before.directory_name}: {format_count(len(before.directory), 'postcode')}")
    lines.append(f"postcodes whose authority changed: {moved['postcodes'].sum()}")
    lines += [
        f"  {count:>8}  {old or 'none'} -> {new or 'none'}" for old, new, count in moved.head(_MOST_MOVES).iter_rows()
    ]
    if len(moved) > _MOST_MOVES:
        lines.append(f"  and {format_count(len(moved) - _MOST_MOVES, 'more pair', 'more pairs')} of authorities")
    return "\n".join(lines)
