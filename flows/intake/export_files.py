"""Finds the tables of an export's folder: its files, the sheets of its workbooks and the members of its archives."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from flows.files.archives import list_archive_members
from flows.files.isolated_reading import PARQUET_ENDINGS, WORKBOOK_ENDINGS, read_sheet_names
from flows.files.locations import Location
from flows.sources.mapping import TableFile
from flows.support.errors import InputRefused
from flows.support.limits import Limits

_TEXT_ENDINGS = (".csv", ".tsv", ".tab", ".txt", ".psv", ".dat")
TABLE_ENDINGS = (*_TEXT_ENDINGS, *PARQUET_ENDINGS)


def find_tables(folder: Location, named: Mapping[str, TableFile], limits: Limits) -> dict[str, TableFile]:
    """Returns every table of an export, by name.

    A file is named by its name without the ending, a sheet of a workbook and a member of an archive by theirs. A
    workbook or an archive with only one table has the name of its file.

    Args:
        folder: the folder of the export.
        named: the tables that the mapping names itself; they take precedence.
        limits: the maximum memory and time for reading.

    Raises:
        InputRefused: two files have the same name without their endings.
    """
    found: dict[str, TableFile] = {}
    # SQL ignores the case of names.
    named_in_mapping = {name.casefold() for name in named}
    taken: set[str] = set()
    mapped_files = {table.file for table in named.values()}
    for location in folder.matching("*"):
        if location.name in mapped_files or location.is_folder():
            continue
        for name, table in _list_tables_in(location, limits):
            if name.casefold() in named_in_mapping:
                continue
            if name.casefold() in taken:
                raise InputRefused(
                    f"{location}: another file of the export also gives a table {name!r}; rename one of the files,"
                    f" or name one of them in the mapping under [tables.NAME]"
                )
            taken.add(name.casefold())
            found[name] = table
    return {**found, **named}


def _list_tables_in(location: Location, limits: Limits) -> Iterator[tuple[str, TableFile]]:
    """Yields the tables of one file; none if its ending is not that of a table."""
    file = PurePosixPath(location.name)
    unpacked = PurePosixPath(file.stem) if file.suffix.lower() == ".gz" else file
    ending = unpacked.suffix.lower()
    if ending in TABLE_ENDINGS:
        yield unpacked.stem, TableFile(file=location.name)
    elif ending in WORKBOOK_ENDINGS:
        sheets = read_sheet_names(location.read(), str(location), limits)
        for sheet in sheets:
            yield (unpacked.stem if len(sheets) == 1 else sheet), TableFile(file=location.name, sheet=sheet)
    elif ending == ".zip":
        members = _list_members(location)
        for member in members:
            name = file.stem if len(members) == 1 else PurePosixPath(member).stem
            yield name, TableFile(file=location.name, member=member)


def _list_members(location: Location) -> list[str]:
    names = list_archive_members(location.read(), str(location))
    return [name for name in names if PurePosixPath(name).suffix.lower() in TABLE_ENDINGS]
