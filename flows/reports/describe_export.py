"""Describes a source's export in seconds, before the rules run, without private values."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

import polars as pl

from flows.intake.export_tables import open_checked_export
from flows.intake.extract import refuse_missing_columns, rename_old_headers
from flows.intake.tables import RawTable, TableSource
from flows.pipeline.assess import ReferenceInputs, read_export
from flows.reports.missing_items import describe_missing_items, find_missing_items
from flows.reports.row_counts import describe_row_counts
from flows.sources.mapping import SourceMapping, known_columns
from flows.sources.request import SubmissionRequest
from flows.support.text import format_count, join_texts
from schemas.dataset import ENTITIES, ID_FIELD, TABLE, Entity, get_field, list_entity_fields
from schemas.record_columns import FILE_LINE, IS_REPEAT, SOURCE_FILE
from transforms.derive.identity import NAME_OF_INITIAL
from transforms.inputs import Export
from transforms.parse.fields import parse_fields

_MOST = 5


@dataclass(frozen=True)
class ExportDescription:
    """Holds what an export looks like, and whether anything of it could be sent."""

    lines: tuple[str, ...]
    can_be_sent: bool


def describe_export(request: SubmissionRequest, inputs: ReferenceInputs) -> ExportDescription:
    """Returns lines about what is missing, tables, columns, values that match no code, dates, agencies and the month.

    Args:
        request: the submission request that names the export.
        inputs: the code lists and the directory in force.

    Raises:
        InputRefused: a file is missing or does not match the mapping.
    """
    source = TableSource(request.mapping, request.folder, request.query_parameters, inputs.settings.limits)
    lines: list[str] = []
    tables: dict[Entity, RawTable] = {}
    with open_checked_export(source) as (read_table, rows):
        lines += _describe_sql_inputs(rows)
        for entity in ENTITIES:
            raw = tables[entity] = read_table(entity)
            if request.mapping.table(entity).by_header:
                raw = replace(raw, rows=rename_old_headers(raw.rows, raw.name))
            refuse_missing_columns(raw.rows, request.mapping.table(entity), entity, raw.name)
            lines += _describe_table(request, entity, raw)
    export = read_export(request, inputs, tables.__getitem__)
    # Parsing alone answers most questions about a mapping, so the rules do not run.
    understood = {
        entity: parse_fields(export.records[entity], entity, inputs.lists, export.readings[entity])
        for entity in ENTITIES
    }
    for entity in ENTITIES:
        lines += _describe_blank_fields(entity, tables[entity], export.records[entity], request.mapping)
        lines += _describe_repeated_ids(entity, export.records[entity])
    missing = find_missing_items(export, understood, inputs.lists)
    lines += _describe_unmapped(understood)
    lines += _describe_dates(export, understood)
    shared = "; what is counted here are the records of all of them" if len(export.agencies) > 1 else ""
    lines.append(f"agencies: {', '.join(export.agencies) or 'no valid agency code'}{shared}")
    lines += _describe_month(request, understood)
    return ExportDescription((*describe_missing_items(missing, request.mapping), *lines), not missing)


def _describe_sql_inputs(rows: Mapping[str, int | None]) -> Iterator[str]:
    """Yields how many rows the SQL of a mapping has to choose from."""
    read = [f"{name} {count}" for name, count in rows.items() if count is not None]
    if read:
        yield f"tables that the SQL reads, with their rows ({len(read)}): {join_texts(read, most=80)}"
    yield from _list_names("tables that the SQL does not mention", [name for name in rows if rows[name] is None])


def _describe_table(request: SubmissionRequest, entity: Entity, raw: RawTable) -> Iterator[str]:
    table = request.mapping.table(entity)
    encoding = "" if table.sql else f", text encoding {table.encoding or request.mapping.encoding}"
    # The line number is added while reading, and is not a column of the table.
    columns = [column for column in raw.rows.columns if column not in (FILE_LINE, SOURCE_FILE)]
    yield f"{TABLE[entity]}: {raw.name}, {len(raw.rows)} rows, {len(columns)} columns{encoding}"
    yield from (f"  {line}" for line in describe_row_counts(TABLE[entity], raw.counts))
    if table.by_header:
        yield from _list_names(
            "  fields without a column", _find_missing_fields(entity, {*columns, *request.mapping.constants})
        )
        known = known_columns(entity)
        yield from _list_names("  columns that are not a field", [column for column in columns if column not in known])
    else:
        yield from _list_names(
            "  fields without a column", _find_missing_fields(entity, {*table.columns, *request.mapping.constants})
        )
        columns_read = set(table.columns.values())
        yield from _list_names(
            "  columns that are not read", [column for column in columns if column not in columns_read]
        )


def _find_missing_fields(entity: Entity, mapped: Collection[str]) -> list[str]:
    """Returns the fields without a column; one that another column determines, such as an initial, does not count."""
    derived = {initial for initial, name in NAME_OF_INITIAL.items() if name in mapped}
    if "PC" in mapped:
        derived.add("UTLA")
    return sorted({field.header for field in list_entity_fields(entity)}.difference(mapped, derived))


def _describe_blank_fields(
    entity: Entity, raw: RawTable, records: pl.DataFrame, mapping: SourceMapping
) -> Iterator[str]:
    """Yields the fields that have a column but no value: a question misspelt in SQL, or a column of another name."""
    table = mapping.table(entity)
    mapped = raw.rows.columns if table.by_header else table.columns
    fields = [field.header for field in list_entity_fields(entity) if field.header in mapped]
    # An empty table has its own line, and each of its fields is blank.
    blank = [header for header in fields if len(records) and records[header].null_count() == len(records)]
    yield from _list_names(f"{TABLE[entity]}: fields with a column but without a value in any record", blank)


def _describe_repeated_ids(entity: Entity, records: pl.DataFrame) -> Iterator[str]:
    """Yields how many records share their id with another: often the result of a join that multiplies rows."""
    identifier = ID_FIELD[entity]
    ids = records.filter(~pl.col(IS_REPEAT))[identifier].drop_nulls()
    repeated = int(ids.is_duplicated().sum())
    if repeated:
        yield (
            f"{TABLE[entity]}: {format_count(repeated, 'record')} with the {identifier} of another record; check"
            " whether a join or a query multiplies rows"
        )


def _list_names(what: str, names: list[str]) -> Iterator[str]:
    if names:
        yield f"{what} ({len(names)}): {join_texts(names, most=80)}"


def _describe_unmapped(understood: dict[Entity, pl.DataFrame]) -> Iterator[str]:
    """Yields the most frequent values of coded fields that match no code."""
    for entity, records in understood.items():
        for field in list_entity_fields(entity):
            # UTLA is mostly looked up from the postcode, so its source values are not those of a code list.
            if field.kind != "code" or field.header == "UTLA":
                continue
            unmatched = records.filter(pl.col(field.header).is_not_null() & pl.col(f"{field.header}.value").is_null())
            if len(unmatched):
                counted = Counter(unmatched[field.header].to_list()).most_common()
                most = sorted(counted, key=lambda item: (-item[1], str(item[0])))[:_MOST]
                shown = ", ".join(f"{value!r} ({number})" for value, number in most)
                values, count = format_count(len(counted), "value"), format_count(len(unmatched), "record")
                yield f"{field.header}: {values} in {count} without a matching code: {shown}"


def _describe_dates(export: Export, understood: dict[Entity, pl.DataFrame]) -> Iterator[str]:
    """Yields the formats of dates, with 9 for each digit and a for each letter, so that no birthday is shown."""
    for entity in ENTITIES:
        for field in list_entity_fields(entity):
            if field.kind not in ("date", "partial_date"):
                continue
            texts = export.records[entity][field.header].drop_nulls()
            if texts.is_empty():
                continue
            # A shape shows how dates are written without showing a birthday.
            shapes = texts.str.replace_all(r"[0-9]", "9").str.replace_all(r"[A-Za-z]", "a").value_counts()
            shapes_found = sorted(shapes.iter_rows(), key=lambda item: (-item[1], item[0]))
            unread = len(texts) - understood[entity][f"{field.header}.value"].count()
            shown = ", ".join(f"{shape} {number}" for shape, number in shapes_found[:_MOST])
            mixed = "  MIXED" if len(shapes_found) > 1 else ""
            unparsed = f"  {unread} cannot be read as dates" if unread else ""
            yield f"{field.header}: {shown}{mixed}{unparsed}"


def _describe_month(request: SubmissionRequest, understood: dict[Entity, pl.DataFrame]) -> Iterator[str]:
    """Yields whether the export's dates match the requested month."""
    days = pl.concat(
        [understood["episode"][f"{name}.value"] for name in ("TRIAGED", "RECPDT", "DISD") if get_field(name)]
        + [understood["intervention"]["MODST.value"]]
    ).drop_nulls()
    if days.is_empty():
        yield "month: no date could be read"
        return
    last, later = days.filter(days <= request.extracted_on).max(), int((days > request.period.last_day).sum())
    has = int(days.is_between(request.period.first_day, request.period.last_day).sum())
    yield (
        f"month: {has} days of TRIAGED, RECPDT, DISD and MODST are in {request.period}, {later} are later; the latest"
        f" before the extract is {last!s}"
    )
