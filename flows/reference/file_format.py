"""Loads a site's format of the submission file, and returns the one in force."""

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import date
from itertools import groupby
from pathlib import Path
from string import Formatter
from typing import Literal

from pydantic import BaseModel, ConfigDict, field_validator

from flows.files.ordinary_files import read_file
from flows.files.toml import read_toml
from flows.reference.numbered_files import find_newest, next_path
from flows.sources.config_errors import validate_content
from flows.support.atomic_files import write_atomically
from flows.support.errors import InputRefused
from schemas.dataset import ENTITIES, get_field, list_fields
from schemas.submission_file import FileFormat, Quoting, load_file_format

_KIND, _ENDING = "file-format", ".json"
_NAME_PARTS = ("agency", "first_day", "last_day")
_DATE_PARTS = {"%d", "%m", "%Y"}


class FormatTable(BaseModel):
    """The keys of a format file; a key that is absent keeps its value in the format of the project."""

    # The validator is built at first use, because few sites have a format of their own.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)

    confirmed: bool = False
    name: str = load_file_format().name
    date_format: str = load_file_format().date_format
    delimiter: str = load_file_format().delimiter
    quoting: Quoting = load_file_format().quoting
    line_end: Literal["\r\n", "\n"] = "\r\n"
    columns: list[str] = []

    @field_validator("name")
    @classmethod
    def _check_name(cls, name: str) -> str:
        try:
            parts = {part for _, part, _, _ in Formatter().parse(name) if part is not None}
            is_complete = parts <= {*_NAME_PARTS} and "agency" in parts and len(parts) > 1
            shown = name.format(agency="L0001", first_day=date(2023, 4, 1), last_day=date(2023, 4, 30))
            other = name.format(agency="L0001", first_day=date(2024, 5, 1), last_day=date(2024, 5, 31))
        except (ValueError, KeyError, IndexError, AttributeError):
            is_complete, shown, other = False, "", ""
        if not is_complete or shown == other:
            raise ValueError(
                "must contain {agency} and a day of the month, such as"
                " '{agency}-{first_day:%Y%m%d}-{last_day:%Y%m%d}.csv'; allowed in braces: agency, first_day, last_day"
            )
        if Path(shown).name != shown or "\\" in shown or not shown.isprintable() or shown.startswith("."):
            raise ValueError("must be the name of a file, without a folder")
        return name

    @field_validator("date_format")
    @classmethod
    def _check_date_format(cls, form: str) -> str:
        parts = [form[place : place + 2] for place, letter in enumerate(form) if letter == "%"]
        rest = form.replace("%d", "").replace("%m", "").replace("%Y", "")
        if sorted(parts) != sorted(_DATE_PARTS) or not all(letter in "-/. " for letter in rest):
            raise ValueError("must have %d, %m and %Y once each, with - / . or a space between them, or nothing")
        return form

    @field_validator("delimiter")
    @classmethod
    def _check_delimiter(cls, delimiter: str) -> str:
        if delimiter not in (",", ";", "|", "\t"):
            raise ValueError("must be a comma, a semicolon, a vertical bar or a tab")
        return delimiter

    @field_validator("columns")
    @classmethod
    def _check_columns(cls, columns: list[str]) -> list[str]:
        if columns:
            _refuse_other_columns(columns)
        return columns


def _refuse_other_columns(columns: Sequence[str]) -> None:
    headers = [field.header for field in list_fields()]
    for column in columns:
        if column not in headers:
            raise ValueError(f"{column} is not a field of the dataset; `data/dataset_r/fields.csv` lists the fields")
        if columns.count(column) > 1:
            raise ValueError(f"{column} occurs twice")
    missing = [header for header in headers if header not in columns]
    if missing:
        raise ValueError(f"must have all {len(headers)} fields; missing: {', '.join(missing)}")
    if len(list(groupby(columns, key=lambda column: get_field(column).entity))) != len(ENTITIES):
        raise ValueError("the fields of clients, of episodes and of interventions must each be next to each other")


def read_format(file: Path) -> FileFormat:
    """Reads a format from a TOML file.

    Raises:
        InputRefused: the file cannot be read or is not TOML, or a key is unknown or has a value that is not allowed.
    """
    return _build_format(validate_content(read_toml(file, "file format"), FormatTable, file, "a file format"))


def store_format(home: Path, form: FileFormat) -> list[str]:
    """Puts a format in force, and returns lines that describe it and what it replaces."""
    before = load_format_in_force(home)
    write_atomically(next_path(home, _KIND, _ENDING), json.dumps(asdict(form), indent=1).encode())
    status = "confirmed" if form.confirmed else "not confirmed"
    lines = [f"the file format is in force, {status}"]
    for key in (field.name for field in fields(form) if field.name != "confirmed"):
        now, earlier = _show(form, key), _show(before, key)
        lines.append(f"  {key}: {now}" + (f" instead of {earlier}" if now != earlier else ""))
    return lines


def load_format_in_force(home: Path) -> FileFormat:
    """Returns the format that was loaded last under HOME; otherwise that of the project.

    Raises:
        InputRefused: the file of the loaded format is damaged.
    """
    path = find_newest(home, _KIND, _ENDING)
    if path is None:
        return load_file_format()
    try:
        return _build_format(FormatTable.model_validate(json.loads(read_file(path))))
    except ValueError:
        raise InputRefused(
            f"{path}: the loaded file format is damaged; restore the file from a backup, or move it away and load the"
            " format again with `ndtms reference format`"
        ) from None


def _build_format(table: FormatTable) -> FileFormat:
    return FileFormat(**(table.model_dump() | {"columns": tuple(table.columns)}))


def _show(form: FileFormat, key: str) -> str:
    if key == "columns":
        return ", ".join(form.columns) or "in the order of the dataset"
    return repr(getattr(form, key))
