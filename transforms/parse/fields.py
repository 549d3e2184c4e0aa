"""Understanding: beside what the source had, what it means and what of it is sent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain

import polars as pl

from schemas.code_lists import CodeLists
from schemas.dataset import INTEGER_RANGE, Entity, Field, fields_of
from schemas.dataset import field as find_field
from transforms.parse.codes import codes, countries, translate
from transforms.parse.dates import dates, partial_dates, whole_numbers
from transforms.parse.stray_postcodes import STRAY_POSTCODE, hide_postcodes
from transforms.parse.unique_values import map_distinct
from transforms.tables.threads import side_by_side

AGENCY = re.compile(r"[A-Z][0-9]{4}")


@dataclass(frozen=True)
class Reading:
    """How a source writes dates and codes, beside what a plain export may hold.

    `dates` are strftime forms; `codes` give, for a field, the code or label that a local value
    (casefolded) stands for.
    """

    dates: tuple[str, ...] = ()
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def understand(records: pl.DataFrame, entity: Entity, lists: CodeLists, reading: Reading) -> pl.DataFrame:
    """Adds `F.value` for each field F that is to be understood, and `F.sent` for coded fields.

    A coded text that contains a full postcode and fits no code is not understood and is sent as blank; from
    here on `F` shows `(postcode)` in its place.

    Args:
        records: the cleaned text columns of the entity's fields; initials and postcodes are
            already reduced and have their values.
        entity: whose fields they are.
        lists: the code lists as they are valid on the last day of the period.
        reading: how the source writes dates and codes.

    Returns:
        The records with a date, whole number or code in each `F.value` (null: blank or not
        understood) and the text to send in `F.sent`: the code; what the source had where the list
        is not published; else null.  (Definitions of the outside, sections 3 and 4.)
    """
    added = side_by_side(lambda each: _understood(records[each.header], each, lists, reading), fields_of(entity))
    return records.with_columns(chain.from_iterable(added))


def understand_field(records: pl.DataFrame, header: str, lists: CodeLists, reading: Reading) -> pl.DataFrame:
    """As `understand`, of one field alone."""
    return records.with_columns(_understood(records[header], find_field(header), lists, reading))


def _understood(column: pl.Series, each: Field, lists: CodeLists, reading: Reading) -> list[pl.Series]:
    read = translate(column, reading.codes[each.header]) if each.header in reading.codes else column
    return _coded(column, read, each, lists) if each.kind == "code" else _plain(read, each, reading)


def _plain(column: pl.Series, each: Field, reading: Reading) -> list[pl.Series]:
    name = f"{each.header}.value"
    if each.kind == "date":
        return [dates(column, reading.dates).alias(name)]
    if each.kind == "partial_date":
        return [partial_dates(column, reading.dates).alias(name)]
    if each.kind == "integer":
        return [whole_numbers(column, *INTEGER_RANGE[each.header]).alias(name)]
    if each.header == "AGNCY":
        return [map_distinct(column, _well_formed, pl.String).alias(name)]
    return []


def _coded(column: pl.Series, read: pl.Series, each: Field, lists: CodeLists) -> list[pl.Series]:
    """The columns of a coded field: `column` is what the source had, `read` what the mapping makes of it."""
    code_list = lists[each.code_list]
    found = (countries if each.header == "NATION" else codes)(read, code_list)
    is_whole = found.null_count() == read.null_count()
    if is_whole and read is column:
        return [found.alias(f"{each.header}.value"), found.alias(f"{each.header}.sent")]
    shown = hide_postcodes(column)
    is_other = found.is_null() if read is column else pl.repeat(value=True, n=len(found), eager=True)
    shown = pl.select(pl.when(is_other).then(shown).otherwise(column)).to_series()
    unknown = pl.when(hide_postcodes(read) != STRAY_POSTCODE).then(read)
    to_send = found if code_list.is_published or is_whole else pl.select(pl.coalesce(found, unknown)).to_series()
    return [shown.alias(each.header), found.alias(f"{each.header}.value"), to_send.alias(f"{each.header}.sent")]


def _well_formed(texts: pl.Series) -> pl.Series:
    return pl.Series([text if AGENCY.fullmatch(text) else None for text in texts], dtype=pl.String)
