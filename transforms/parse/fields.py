"""Parses the fields of a record: adds the parsed value and the text to send to the text of the source."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain

import polars as pl

from schemas.code_lists import CodeLists
from schemas.dataset import AGENCY, INTEGER_RANGE, Entity, Field, get_field, list_entity_fields
from transforms.parse.codes import parse_codes, parse_countries, translate
from transforms.parse.dates import parse_dates, parse_partial_dates, parse_whole_numbers
from transforms.parse.names import parse_initials
from transforms.parse.postcodes import parse_postcodes
from transforms.parse.stray_postcodes import STRAY_POSTCODE, hide_postcodes
from transforms.parse.unique_values import map_unique
from transforms.tables.threads import map_in_threads


@dataclass(frozen=True)
class ParseOptions:
    """How a source writes dates and codes, in addition to the forms of a plain export.

    `dates` are strftime forms. `codes` map, per field, a local value (casefolded) to a code or label.
    """

    dates: tuple[str, ...] = ()
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


_AS_A_PLAIN_EXPORT = ParseOptions()


def parse_fields(
    records: pl.DataFrame, entity: Entity, lists: CodeLists, reading: ParseOptions = _AS_A_PLAIN_EXPORT
) -> pl.DataFrame:
    """Adds `F.value` for each field F that needs parsing, and `F.sent` for coded fields.

    A coded text that contains a full postcode and matches no code is not parsed and is sent as blank. `F` then shows
    `(postcode)` in its place. See the definitions, sections 3 and 4.

    Args:
        records: the cleaned text columns of the entity's fields. Initials and postcodes that are already reduced
            have their values, and keep them.
        entity: the entity of the fields.
        lists: the code lists as valid on the last day of the period.
        reading: how the source writes dates and codes.

    Returns:
        The records with a date, whole number or code in each `F.value` (null: blank or not parsed), and the text to
        send in `F.sent`: the code; else the text of the source where the list is not published; else null.
    """
    to_parse = [field for field in list_entity_fields(entity) if f"{field.header}.value" not in records.columns]
    if entity == "episode" and "AGNCY" in records.columns:
        to_parse.append(get_field("AGNCY"))
    added = map_in_threads(lambda field: _parse(records[field.header], field, lists, reading), to_parse)
    return records.with_columns(chain.from_iterable(added))


def parse_field(records: pl.DataFrame, header: str, lists: CodeLists, reading: ParseOptions) -> pl.DataFrame:
    """As `parse_fields`, for one field."""
    return records.with_columns(_parse(records[header], get_field(header), lists, reading))


def _parse(column: pl.Series, field: Field, lists: CodeLists, reading: ParseOptions) -> list[pl.Series]:
    translated = translate(column, reading.codes[field.header]) if field.header in reading.codes else column
    return (
        _parse_coded(column, translated, field, lists)
        if field.kind == "code"
        else _parse_uncoded(translated, field, reading)
    )


def _parse_uncoded(column: pl.Series, field: Field, reading: ParseOptions) -> list[pl.Series]:
    match field.kind:
        case "date":
            parsed = parse_dates(column, reading.dates)
        case "partial_date":
            parsed = parse_partial_dates(column, reading.dates)
        case "integer":
            parsed = parse_whole_numbers(column, *INTEGER_RANGE[field.header])
        case "initial":
            parsed = parse_initials(column)
        case "postcode":
            parsed = parse_postcodes(column).struct.field("sector")
        case _ if field.header == "AGNCY":
            parsed = map_unique(column, _check_agencies, pl.String)
        case _:
            return []
    return [parsed.alias(f"{field.header}.value")]


def _parse_coded(column: pl.Series, translated: pl.Series, field: Field, lists: CodeLists) -> list[pl.Series]:
    """Returns the columns of a coded field: `column` is the source's text, `translated` its translation."""
    code_list = lists[field.code_list]
    parsed = (parse_countries if field.header == "NATION" else parse_codes)(translated, code_list)
    # If every text has a code, the columns are shared instead of copied, which is the usual case.
    is_whole = parsed.null_count() == translated.null_count()
    if is_whole and translated is column:
        return [parsed.alias(f"{field.header}.value"), parsed.alias(f"{field.header}.sent")]
    shown = hide_postcodes(column)
    is_other = parsed.is_null() if translated is column else pl.repeat(value=True, n=len(parsed), eager=True)
    shown = pl.select(pl.when(is_other).then(shown).otherwise(column)).to_series()
    # A list that is not published cannot prove a value wrong, so its text is sent, unless it contains a postcode.
    unknown = pl.when(hide_postcodes(translated) != STRAY_POSTCODE).then(translated)
    to_send = parsed if code_list.is_published or is_whole else pl.select(pl.coalesce(parsed, unknown)).to_series()
    return [
        shown.alias(field.header),
        parsed.alias(f"{field.header}.value"),
        to_send.alias(f"{field.header}.sent"),
    ]


def _check_agencies(texts: pl.Series) -> pl.Series:
    return pl.Series([text if AGENCY.fullmatch(text) else None for text in texts], dtype=pl.String)
