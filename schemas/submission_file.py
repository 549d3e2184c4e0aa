"""Defines the submission file: the values per entity, which of them are required, and the file format."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData

from schemas.dataset import DATASET_DIRECTORY, ID_FIELD, Entity, fields_of

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
def file_format() -> FileFormat:
    """Loads the settings from data/dataset_r/file-format.toml."""
    with (DATASET_DIRECTORY / "file-format.toml").open("rb") as handle:
        return FileFormat(**tomllib.load(handle))


def sent_schema(entity: Entity) -> pa.DataFrameSchema:
    """Returns the schema of an entity's sent values: its text columns in order, and a unique, non-null id."""

    def is_unique(data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(pl.col(ID_FIELD[entity]).n_unique() == pl.len())

    once = pa.Check(is_unique, name=f"each {ID_FIELD[entity]} once", n_failure_cases=0)
    columns = {each.header: pa.Column(pl.String, nullable=True) for each in fields_of(entity)}
    columns[ID_FIELD[entity]] = pa.Column(pl.String, once)
    return pa.DataFrameSchema(columns, strict=True, ordered=True, name=f"sent {entity} records")
