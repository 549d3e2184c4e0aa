"""Extracts a source's tables as records of text, without names and full postcodes."""

from collections.abc import Collection, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace

import polars as pl

from flows.files.locations import Location, redact_url
from flows.intake.corrected_records import PREFIX, WHOLE_FILES, replace_differing, replace_rejected
from flows.intake.correction_files import find_correction_files
from flows.intake.export_tables import ReadTable, hash_inputs, open_export
from flows.intake.missing_columns import build_missing_column_error
from flows.intake.spreadsheet_damage import refuse_spreadsheet_damage
from flows.intake.tables import RawTable, TableSource, is_query, read_table
from flows.sources.mapping import SourceMapping, TableMapping, known_columns
from flows.sources.query_parameters import QueryParameters
from flows.sources.request import Corrections
from flows.support.errors import InputRefused
from flows.support.limits import Limits
from schemas.code_lists import CodeLists
from schemas.dataset import ENTITIES, ID_FIELD, OTHER_HEADERS, TABLE, Entity, list_removed_fields
from schemas.record_columns import FILE_LINE, IS_REPEAT, SOURCE_FILE, SOURCE_LINE
from transforms.derive.identity import NAME_OF_INITIAL, Geography, reduce_names, reduce_postcodes
from transforms.inputs import CorrectedTable, Export, RowCount
from transforms.link.linkage import Records, find_well_formed_agencies
from transforms.parse.clean import clean_text, mark_exact_repeats
from transforms.parse.codes import casefold_codes
from transforms.parse.fields import ParseOptions, parse_field
from transforms.tables.threads import map_in_threads


@dataclass(frozen=True)
class _Table:
    """Holds a table as cleaned text with the dataset's headers, and the columns of its file."""

    records: pl.DataFrame
    columns: tuple[str, ...]
    digests: Mapping[str, str]
    removed: tuple[str, ...] = ()
    row_counts: tuple[RowCount, ...] = ()


def extract(
    mapping: SourceMapping,
    folder: Location,
    geography: Geography,
    corrections: Corrections | None = None,
    limits: Limits | None = None,
    parameters: QueryParameters | None = None,
    read: ReadTable | None = None,
) -> Export:
    """Reads the three tables of an export and reduces the values that identify a client.

    Args:
        mapping: the mapping of the source.
        folder: where its tables are stored.
        geography: the directory to look up authorities in.
        corrections: corrected records that replace rejected ones.
        limits: the maximum memory and time for reading.
        parameters: what the queries of the mapping may use.
        read: returns a table that was read before; by default the tables are read from the folder.

    Returns:
        The export.

    Raises:
        InputRefused: a file is missing or does not match the mapping, or a correction is for a record that was not
            rejected.
    """
    source = TableSource(mapping, folder, parameters, limits or Limits())
    tables = _read_tables(source, read)
    corrected: list[CorrectedTable] = []
    if corrections:
        tables, corrected = _correct(source, tables, corrections)
    completed = map_in_threads(lambda entity: _complete(mapping, tables[entity].records, entity), ENTITIES)
    frames = dict(zip(ENTITIES, completed, strict=True))
    episodes, unknown_postcodes = reduce_postcodes(frames["episode"], geography)
    options = {entity: _build_parse_options(mapping, mapping.table(entity)) for entity in ENTITIES}
    return Export(
        records=Records(reduce_names(frames["client"]), episodes, frames["intervention"]),
        readings=options,
        read={entity: len(frames[entity]) for entity in ENTITIES},
        agencies=_list_agencies(frames, options),
        removed_columns=tuple(column for table in tables.values() for column in table.removed),
        unknown_columns=_list_unknown(tables, mapping),
        unknown_postcodes=unknown_postcodes,
        digests={name: digest for table in tables.values() for name, digest in table.digests.items()},
        corrected=tuple(corrected),
        row_counts={entity: table.row_counts for entity, table in tables.items()},
    )


def read_digests(mapping: SourceMapping, folder: Location, parameters: QueryParameters) -> dict[str, str]:
    """Returns the SHA-256 of each file of an export, by name.

    Raises:
        InputRefused: a file is missing.
    """
    return hash_inputs(TableSource(mapping, folder, parameters))


def find_agencies_in(
    mapping: SourceMapping, folder: Location, limits: Limits, parameters: QueryParameters
) -> list[str]:
    """Returns the well-formed agencies of an export's clients and episodes, sorted."""
    with_agency: tuple[Entity, ...] = ("client", "episode")
    frames: dict[Entity, pl.DataFrame] = {}
    source = TableSource(mapping, folder, parameters, limits)
    with open_export(source) as read_table_of:
        for entity in with_agency:
            read = _clean_table(source, entity, read_table_of(entity), "").records
            frames[entity] = _add_missing_columns(read, _select_constants(mapping, entity), entity)
    options = {entity: _build_parse_options(mapping, mapping.table(entity)) for entity in with_agency}
    return list(_list_agencies(frames, options))


def _list_agencies(frames: Mapping[Entity, pl.DataFrame], options: Mapping[Entity, ParseOptions]) -> tuple[str, ...]:
    # AGNCY is not a coded field, so its parsing needs no code list.
    parsed = [
        parse_field(frames[entity].select("AGNCY"), "AGNCY", CodeLists({}), options[entity])
        for entity in ("client", "episode")
    ]
    return tuple(find_well_formed_agencies(pl.concat(parsed)))


def _read_tables(source: TableSource, read: ReadTable | None = None) -> dict[Entity, _Table]:
    """Reads the three tables of an export as cleaned text; with `read`, tables that were read before."""
    # Reading waits for disks, shares and other processes, so the three tables are read at the same time.
    with nullcontext(read) if read else open_export(source) as read_table_of:
        tables = map_in_threads(lambda entity: _clean_table(source, entity, read_table_of(entity), ""), ENTITIES)
    return dict(zip(ENTITIES, tables, strict=True))


def _complete(mapping: SourceMapping, records: pl.DataFrame, entity: Entity) -> pl.DataFrame:
    """Marks the repeats among records, and adds every missing column of their entity."""
    # Every record has a different line, so with these columns no record would repeat another.
    added_columns = (SOURCE_FILE, SOURCE_LINE)
    known = [
        column for column in records.columns if column not in added_columns and not _is_ignored_name(column, records)
    ]
    marked = mark_exact_repeats(records, known, ID_FIELD[entity], IS_REPEAT)
    return _add_missing_columns(marked, _select_constants(mapping, entity), entity)


def _correct(
    source: TableSource, tables: Mapping[Entity, _Table], corrections: Corrections
) -> tuple[dict[Entity, _Table], list[CorrectedTable]]:
    """Applies corrections to the tables of an export, and counts them."""
    # The result of a query of a database is an input without a file.
    inputs = {name for table in tables.values() for name in table.digests if not is_query(name)}
    files = find_correction_files(source.mapping, corrections.folder, inputs)
    folder, corrected, counts = Location(str(corrections.folder)), dict(tables), []
    if files.whole:
        for entity, table in _read_tables(replace(source, replacing=folder / WHOLE_FILES)).items():
            records, count = replace_differing(tables[entity].records, table.records, entity, corrections)
            corrected[entity] = _add_corrections(tables[entity], records, table)
            counts.append(replace(count, name=f"{count.name} with {', '.join(files.whole)}"))
    for entity, form in files.tables.items():
        place = replace(source, folder=folder)
        table = _clean_table(place, entity, read_table(place, form), PREFIX, form)
        records, count = replace_rejected(tables[entity].records, table.records, entity, corrections, form.file)
        corrected[entity] = _add_corrections(tables[entity], records, table)
        counts.append(count)
    return corrected, counts


def _add_corrections(table: _Table, records: pl.DataFrame, corrections: _Table) -> _Table:
    return replace(table, records=records, digests={**table.digests, **corrections.digests})


def _select_constants(mapping: SourceMapping, entity: Entity) -> dict[str, str]:
    # A constant agency is that of the clients. An episode has one of its own only where the table supplies it.
    known = set(known_columns(entity)) - ({"AGNCY"} if entity == "episode" else set())
    return {name: text.strip() for name, text in mapping.constants.items() if name in known}


def _clean_table(
    source: TableSource, entity: Entity, read: RawTable, prefix: str, form: TableMapping | None = None
) -> _Table:
    """Returns a table that was read as cleaned text with the dataset's headers."""
    mapping, table = source.mapping, form or source.mapping.table(entity)
    name = f"{prefix}{read.name}"
    raw = rename_old_headers(read.rows, name) if table.by_header else read.rows
    chosen = _choose_columns(raw, table, entity, name if table.query or table.sql else str(source.folder / table.file))
    blanks = mapping.blanks if table.blanks is None else table.blanks
    cleaned = _blank_fields(clean_text(chosen, blanks), table)
    if "AGNCY" in cleaned.columns:
        cleaned = cleaned.with_columns(pl.col("AGNCY").str.to_uppercase())
    refuse_spreadsheet_damage(cleaned, entity, name)
    if SOURCE_FILE not in cleaned.columns:
        cleaned = cleaned.with_columns(pl.lit(name).alias(SOURCE_FILE))
    return _Table(
        cleaned,
        tuple(column for column in raw.columns if column not in (FILE_LINE, SOURCE_FILE)),
        {f"{prefix}{file}": digest for file, digest in read.digests.items()},
        _describe_removed(raw, table, name, blanks),
        row_counts=read.counts,
    )


def _blank_fields(cleaned: pl.DataFrame, table: TableMapping) -> pl.DataFrame:
    """Blanks the values that the mapping calls blank for one field, and those that its codes map to a blank."""
    exact = {header: list(texts) for header, texts in table.field_blanks.items()}
    coded = {
        header: [value.strip().lower() for value, meaning in codes.items() if not meaning.strip()]
        for header, codes in table.codes.items()
    }
    columns = [
        pl.when(
            ~pl.col(header).is_in(exact.get(header, []))
            & ~pl.col(header).str.to_lowercase().is_in(coded.get(header, []))
        ).then(header)
        for header in {*exact, *coded}
        if header in cleaned.columns and (exact.get(header) or coded.get(header))
    ]
    return cleaned.with_columns(columns)


def rename_old_headers(raw: pl.DataFrame, name: str) -> pl.DataFrame:
    """Gives columns of a plain export that have another name of a field the name of the dataset.

    Raises:
        InputRefused: the field is in the table under both names.
    """
    for other_name, header in OTHER_HEADERS.items():
        if other_name in raw.columns and header in raw.columns:
            raise InputRefused(
                f"{name}, line 1: {header} and {other_name} are one field; remove one of the two columns"
            )
    return raw.rename(OTHER_HEADERS, strict=False)


def refuse_missing_columns(raw: pl.DataFrame, table: TableMapping, entity: Entity, name: str) -> None:
    """Refuses a table without a column that its mapping names.

    Without a header, line 1 of the file would be a person's record.

    Raises:
        InputRefused: a column is missing; the text names the file, the key of the mapping and the column.
    """
    if table.by_header:
        if ID_FIELD[entity] not in raw.columns and table.sql:
            raise InputRefused(
                f"{name}: the result has no column {ID_FIELD[entity]}, which is required; return it from the query"
            )
        if ID_FIELD[entity] not in raw.columns:
            raise InputRefused(
                f"{name}, line 1: the header has no column {ID_FIELD[entity]}, which is required;"
                " add it to the export, or map the export with `ndtms source new`"
            )
        return
    for header, column in table.columns.items():
        if column not in raw.columns:
            key = f"{TABLE[entity]}.columns.{header}"
            raise build_missing_column_error(name, key, column, raw.columns, set(table.columns.values()))


def _choose_columns(raw: pl.DataFrame, table: TableMapping, entity: Entity, name: str) -> pl.DataFrame:
    """Selects the known columns of a table and renames them to the dataset's headers."""
    line = pl.col(FILE_LINE).alias(SOURCE_LINE)
    refuse_missing_columns(raw, table, entity, name)
    if table.by_header:
        # Only SQL can say which file a row is from.
        known = (*known_columns(entity), *([SOURCE_FILE] if table.sql else []))
        return raw.select(line, *(column for column in known if column in raw.columns))
    return raw.select(line, *(pl.col(column).alias(header) for header, column in table.columns.items()))


def _is_ignored_name(column: str, records: pl.DataFrame) -> bool:
    """Returns whether a name is ignored because the source has the initial."""
    return any(column == name and initial in records.columns for initial, name in NAME_OF_INITIAL.items())


def _add_missing_columns(records: pl.DataFrame, constants: Mapping[str, str], entity: Entity) -> pl.DataFrame:
    """Adds each missing column with its constant or blank; adds a name only if it has a constant."""
    names = set(NAME_OF_INITIAL) | set(NAME_OF_INITIAL.values())
    absent = [
        pl.lit(constants.get(column) or None, dtype=pl.String).alias(column)
        for column in known_columns(entity)
        if column not in records.columns and (column not in names or column in constants)
    ]
    return records.with_columns(absent)


def _build_parse_options(mapping: SourceMapping, table: TableMapping) -> ParseOptions:
    return ParseOptions(
        dates=mapping.dates if table.dates is None else table.dates,
        codes={header: casefold_codes(codes) for header, codes in table.codes.items()},
    )


def _describe_removed(raw: pl.DataFrame, table: TableMapping, name: str, blanks: Collection[str]) -> tuple[str, ...]:
    """Describes columns of a plain table that the dataset has removed, with the number of dropped values."""
    if not table.by_header:
        return ()
    removed = [column for column in raw.columns if column in list_removed_fields()]
    left_out = clean_text(raw.select(removed), blanks)
    return tuple(f"{name}: {column}, {left_out[column].count()} values left out" for column in removed)


def _list_unknown(tables: Mapping[Entity, _Table], mapping: SourceMapping) -> tuple[str, ...]:
    """Returns columns of plain tables that the dataset never had, as 'file: column'."""
    return tuple(
        f"{mapping.table(entity).sql or redact_url(mapping.table(entity).file)}: {column}"
        for entity in ENTITIES
        for column in tables[entity].columns
        if mapping.table(entity).by_header
        and column not in known_columns(entity)
        and column not in list_removed_fields()
    )
