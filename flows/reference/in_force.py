"""Returns the reference data in force: code lists, postcode directory and file format, shipped or loaded into HOME.

HOME/reference stores what a user loads as numbered files. The highest number is in force; older files are kept.
A file appears complete or not at all, so a run reads either the old state or the new one.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any, cast

import polars as pl

from flows.files.csv import Dialect, read_csv
from flows.files.ordinary_files import read_file
from flows.reference.code_list_checks import refuse_duplicate_codes
from flows.reference.file_format import load_format_in_force
from flows.reference.numbered_files import find_newest, next_path
from flows.reference.packed_directory import SHIPPED, DirectoryError, find_packed, packed_release, read_packed
from flows.reference.postcode_releases import COUNTIES
from flows.sources.days import parse_day
from flows.support.atomic_files import write_atomically
from flows.support.errors import InputRefused
from schemas.code_lists import STATUSES, Code, CodeList, CodeLists, Status
from schemas.dataset import DATASET_DIRECTORY, list_fields
from schemas.record_columns import FILE_LINE
from schemas.submission_file import FileFormat

RECODED = COUNTIES.parent / "recoded.csv"
SHIPPED_LISTS = DATASET_DIRECTORY / "code-lists.csv"
LIST_COLUMNS = ("list", "code", "label", "concept", "status", "source", "valid_from", "valid_to")
# A table may leave this column out.
ALIASES = "aliases"


@dataclass(frozen=True)
class Reference:
    """Holds the reference data of a run, with the digest of each part."""

    lists: CodeLists
    directory_path: Path
    list_digests: Mapping[str, str]
    file_format: FileFormat

    @cached_property
    def directory(self) -> pl.DataFrame:
        """Returns the postcode directory in force: sector, unit, authority."""
        return self._read_directory(read_packed)

    def find_postcodes(self, sectors: pl.Series) -> pl.DataFrame:
        """Returns the postcodes of these sectors in the directory in force, as `directory`.

        Raises:
            InputRefused: the directory is damaged.
        """
        return self._read_directory(partial(find_packed, sectors=sectors))

    def _read_directory(self, read: Callable[[Path], pl.DataFrame]) -> pl.DataFrame:
        try:
            self._refuse_damage()
            return read(self.directory_path)
        except DirectoryError as error:
            raise InputRefused(str(error)) from None

    @cached_property
    def directory_digest(self) -> str:
        """Returns the SHA-256 of the postcode directory in force."""
        return hashlib.sha256(read_file(self.directory_path)).hexdigest()

    @property
    def directory_name(self) -> str:
        """Returns the release that the directory was built from."""
        self._refuse_damage()
        return packed_release(self.directory_path) or self.directory_path.stem

    def _refuse_damage(self) -> None:
        """Refuses a loaded directory that changed since, because the Parquet library could abort on it."""
        recorded = digest_path(self.directory_path)
        if recorded.is_file() and recorded.read_text(encoding="utf-8").strip() != self.directory_digest:
            raise InputRefused(
                f"{self.directory_path}: the loaded postcode directory is damaged; restore the file from a backup, or"
                " load the release again with `ndtms reference postcodes`"
            )

    @cached_property
    def recoded(self) -> pl.DataFrame:
        """Returns the authorities whose code changed: old, new, from, kind."""
        return pl.read_csv(RECODED.read_bytes(), infer_schema=False).with_columns(
            pl.col("from").str.to_date("%Y-%m-%d")
        )


@cache
def list_code_lists() -> frozenset[str]:
    """Returns the names of the code lists that the dataset's fields use."""
    # A field without a code list has an empty name here.
    return frozenset(field.code_list for field in list_fields() if field.code_list)


@cache
def read_shipped_lists() -> dict[str, CodeList]:
    """Returns the code lists that come with the project."""
    # Shipped lists have the same format as loaded ones, and pass the same checks.
    return read_lists(SHIPPED_LISTS.read_bytes(), str(SHIPPED_LISTS))


def load_reference_in_force(home: Path) -> Reference:
    """Returns the reference data for HOME: loaded lists and directory replace the shipped ones."""
    loaded = read_loaded_lists(home)
    # Ignores loaded lists that the dataset does not use, for example after a change of its fields.
    lists = {
        name: code_list for name, code_list in (read_shipped_lists() | loaded).items() if name in list_code_lists()
    }
    return Reference(
        CodeLists(lists),
        find_newest(home, "postcodes", ".parquet") or SHIPPED,
        {name: hash_list(lists.get(name, CodeList(name))) for name in sorted(list_code_lists())},
        load_format_in_force(home),
    )


def digest_path(path: Path) -> Path:
    """Returns the file that stores the SHA-256 of a loaded directory, so that damage is found before reading."""
    return path.with_name(f"{path.name}.sha256")


def load_lists(home: Path, lists: Mapping[str, CodeList], loaded_on: date) -> Path:
    """Puts these lists in force under HOME, each replaced as a whole; keeps the other loaded lists."""
    content = {
        name: _to_json(code_list, loaded_on if name in lists else None)
        for name, code_list in (read_loaded_lists(home) | dict(lists)).items()
    }
    # Writes a new file instead of changing the last one, so that the history remains.
    path = next_path(home, "code-lists", ".json")
    write_atomically(path, json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True).encode())
    return path


def keep_lists(home: Path, names: Iterable[str]) -> Path:
    """Keeps only these loaded lists in force; the shipped lists replace the others."""
    content = {name: _to_json(read_loaded_lists(home)[name], None) for name in names}
    path = next_path(home, "code-lists", ".json")
    write_atomically(path, json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True).encode())
    return path


def hash_list(code_list: CodeList) -> str:
    """Returns the SHA-256 of a list's content, independent of its file's format."""
    content = _to_json(code_list, None)
    # Loading the same list again on another day must not count as a change.
    content.pop("loaded")
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def read_lists(content: bytes, name: str) -> dict[str, CodeList]:
    """Reads code lists from a CSV table with the columns of code-lists.csv.

    Raises:
        InputRefused: the table is invalid; the text names the file, line and column, the value and what is allowed.
    """
    return build_lists(read_csv(content, name, Dialect()), name)


def build_lists(table: pl.DataFrame, name: str) -> dict[str, CodeList]:
    """Returns code lists from a table with the columns of code-lists.csv, and `FILE_LINE` if the lines are known.

    Raises:
        InputRefused: as in `read_lists`.
    """
    missing = [column for column in LIST_COLUMNS if column not in table.columns]
    if missing:
        raise InputRefused(f"{name}: the column {missing[0]} is missing; required: {', '.join(LIST_COLUMNS)}")
    if FILE_LINE not in table.columns:
        table = table.with_row_index(FILE_LINE, offset=2)
    rows_by_list: dict[str, list[_Row]] = {}
    for row in table.to_dicts():
        texts = {column: str(row.get(column) or "").strip() for column in (*LIST_COLUMNS, ALIASES)}
        where = f"{name}, line {row[FILE_LINE]}"
        _refuse_bad_row(texts, where)
        days = _parse_day(texts["valid_from"], "valid_from", where), _parse_day(texts["valid_to"], "valid_to", where)
        aliases = tuple(alias.strip() for alias in texts[ALIASES].split("|") if alias.strip())
        code = Code(texts["code"], texts["label"], texts["concept"], *days, aliases)
        rows_by_list.setdefault(texts["list"], []).append(
            _Row(where, cast(Status, texts["status"]), texts["source"], code)
        )
    if not rows_by_list:
        raise InputRefused(
            f"{name}: the table has no rows; it must contain code lists in the columns {', '.join(LIST_COLUMNS)}"
        )
    return {list_name: _build_list(list_name, rows, name) for list_name, rows in rows_by_list.items()}


def _refuse_bad_row(texts: Mapping[str, str], where: str) -> None:
    if texts["list"] not in list_code_lists():
        raise InputRefused(
            f"{where}: {texts['list'] or 'a blank'} is not a code list of the dataset;"
            f" allowed: {', '.join(sorted(list_code_lists()))}"
        )
    if texts["status"] not in STATUSES:
        raise InputRefused(f"{where}: the status {texts['status']!r} is not allowed; allowed: {', '.join(STATUSES)}")
    if not texts["code"]:
        raise InputRefused(f"{where}: the code is blank; every row needs a code")


@dataclass(frozen=True)
class _Row:
    """Holds a row of a table of lists, with its file and line."""

    where: str
    status: Status
    source: str
    code: Code


def _build_list(name: str, rows: list[_Row], file: str) -> CodeList:
    statuses = {row.status for row in rows}
    if len(statuses) > 1:
        raise InputRefused(
            f"{file}: the list {name} has more than one status: {', '.join(sorted(statuses))}; only one is allowed"
        )
    refuse_duplicate_codes(name, ((row.where, row.code) for row in rows))
    return CodeList(name, rows[0].status, rows[0].source, tuple(row.code for row in rows))


def _parse_day(text: str, column: str, where: str) -> date | None:
    return parse_day(text, f"{where}: {column}", "write it as YYYY-MM-DD") if text else None


def read_loaded_lists(home: Path) -> dict[str, CodeList]:
    """Returns the lists that were loaded under HOME and are in force.

    Raises:
        InputRefused: the file of loaded lists is damaged.
    """
    path = find_newest(home, "code-lists", ".json")
    if path is None:
        return {}
    try:
        return _parse_lists(json.loads(read_file(path)))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise InputRefused(
            f"{path}: the loaded code lists are damaged; restore the file from a backup, or move it away and load the"
            " official lists again with `ndtms reference load`"
        ) from None


def _parse_lists(content: Mapping[str, Mapping[str, Any]]) -> dict[str, CodeList]:
    return {
        name: CodeList(
            name,
            code_list["status"],
            code_list["source"],
            tuple(
                Code(
                    code["code"],
                    code["label"],
                    code["concept"],
                    _parse_iso(code["valid_from"]),
                    _parse_iso(code["valid_to"]),
                    tuple(code.get(ALIASES, ())),
                )
                for code in code_list["codes"]
            ),
            code_list["loaded"],
        )
        for name, code_list in content.items()
    }


def _parse_iso(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _to_json(code_list: CodeList, loaded_on: date | None) -> dict[str, Any]:
    return {
        "status": code_list.status,
        "source": code_list.source,
        "loaded": loaded_on.isoformat() if loaded_on else code_list.loaded,
        "codes": [
            {
                "code": code.code,
                "label": code.label,
                "concept": code.concept,
                "valid_from": code.valid_from.isoformat() if code.valid_from else "",
                "valid_to": code.valid_to.isoformat() if code.valid_to else "",
                ALIASES: list(code.aliases),
            }
            for code in code_list.codes
        ],
    }
