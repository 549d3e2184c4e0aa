"""Loading reference data that a user brings: official code lists, and releases of the postcode directory."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from flows.csv_door import read_bytes
from flows.errors import InputRefused
from flows.postcode_directory import DirectoryError, Progress, read_release, release_name, write_packed
from flows.reference import lists_of_rows, load_lists, next_path, read_lists, reference_in_force
from schemas.code_lists import CodeList


@dataclass(frozen=True)
class Release:
    """A postcode directory that was read: sector, unit, authority; and what it calls itself."""

    directory: pl.DataFrame
    name: str


def read_code_lists(file: Path) -> dict[str, CodeList]:
    """Code lists from a CSV or XLSX table in the columns of code-lists.csv.

    Raises:
        InputRefused: naming the file, line and column, what was found and what is allowed.
    """
    content = read_bytes(file)
    if file.suffix.lower() != ".xlsx":
        return read_lists(content, str(file))
    try:
        table = pl.read_excel(content, infer_schema_length=0)
    except Exception:  # fastexcel raises errors of its own kinds
        raise InputRefused(f"{file}: the file cannot be read as XLSX") from None
    return lists_of_rows(table.rename(str.strip).to_dicts(), str(file))


def load_code_lists(home: Path, lists: Mapping[str, CodeList], day: date) -> list[str]:
    """Puts lists in force, each replaced whole.  Returns a line for each of what it replaced."""
    before = reference_in_force(home).lists
    load_lists(home, lists, day)
    return [
        f"{name}: {len(each.codes)} codes, {each.status}, in place of {len(before[name].codes)}, {before[name].status}"
        for name, each in sorted(lists.items())
    ]


def read_postcodes(file: Path, progress: Progress | None = None) -> Release:
    """A release of the ONSPD or NSPL.  Raises InputRefused where the file is something else."""
    try:
        return Release(read_release(file, progress), release_name(file))
    except DirectoryError as error:
        raise InputRefused(str(error)) from None


def store_postcodes(home: Path, release: Release) -> str:
    """Puts a release in force.  Returns what is in force now, in a sentence."""
    write_packed(release.directory, next_path(home, "postcodes", ".parquet"), release.name)
    authorities = release.directory["authority"].drop_nulls().n_unique()
    return f"{release.name}: {len(release.directory)} postcodes of {authorities} authorities are in force"
