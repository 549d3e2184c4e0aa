"""Defines the submission file: its name and format."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from schemas.dataset import DATASET_DIRECTORY

Quoting = Literal["necessary", "always", "never"]


@dataclass(frozen=True)
class FileFormat:
    """The name and format of the file; `confirmed` where the official specification confirms them."""

    confirmed: bool
    name: str
    date_format: str
    delimiter: str
    quoting: Quoting
    line_end: str

    def file_name(self, agency: str, first_day: date, last_day: date) -> str:
        """Returns the name of an agency's file for the days of a month."""
        return self.name.format(agency=agency, first_day=first_day, last_day=last_day)


@cache
def load_file_format() -> FileFormat:
    """Loads the settings from data/dataset_r/file-format.toml."""
    with (DATASET_DIRECTORY / "file-format.toml").open("rb") as handle:
        return FileFormat(**tomllib.load(handle))


def is_format_confirmed() -> bool:
    """Returns whether the official specification confirms the format of the file."""
    return load_file_format().confirmed
