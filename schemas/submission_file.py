"""Defines the submission file: its name and format."""

import tomllib
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Literal

from schemas.dataset import DATASET_DIRECTORY, list_fields

Quoting = Literal["necessary", "always", "never"]


@dataclass(frozen=True)
class FileFormat:
    """The name and format of the file; `confirmed` where the official specification confirms them.

    `columns` are the headers in the order of the file; () is the order of the dataset. The fields of an entity are next
    to each other.
    """

    confirmed: bool
    name: str
    date_format: str
    delimiter: str
    quoting: Quoting
    line_end: str
    # Not in the text, of which the manifest has the digest: formats without it keep theirs.
    columns: tuple[str, ...] = field(default=(), repr=False)

    @property
    def headers(self) -> tuple[str, ...]:
        """The headers in the order of the file."""
        return self.columns or tuple(item.header for item in list_fields())

    def file_name(self, agency: str, first_day: date, last_day: date) -> str:
        """Returns the name of an agency's file for the days of a month."""
        return self.name.format(agency=agency, first_day=first_day, last_day=last_day)


@cache
def load_file_format() -> FileFormat:
    """Loads the format that comes with the project, from data/dataset_r/file-format.toml."""
    with (DATASET_DIRECTORY / "file-format.toml").open("rb") as handle:
        return FileFormat(**tomllib.load(handle))
