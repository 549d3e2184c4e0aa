"""Finds planted texts in every file below a directory, also in what is compressed."""

import gzip
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl

from flows.audit.encryption import is_encrypted
from tests.privacy.planted import find_planted


def search(root: Path, *without: str) -> dict[tuple[str, str], set[str]]:
    """Returns the files in which each kind of planted text is found.

    Args:
        root: the directory; its files and their names are searched, and paths are relative to it.
        without: directories in it that are not searched.

    Returns:
        The kinds found, by the path of the file and the part of it: a column of an audit, otherwise blank.
    """
    found: dict[tuple[str, str], set[str]] = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if path.relative_to(root).parts[0] in without:
            continue
        for part, content in _read_parts(path):
            if kinds := find_planted(content):
                found.setdefault((name, part), set()).update(kinds)
    return found


def _read_parts(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yields the name of a file, its bytes, and what they contain in a form in which a text can be found."""
    yield "(name)", path.name.encode()
    if not path.is_file():
        return
    content = path.read_bytes()
    yield "", content
    if content.startswith(b"PK") and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                yield "", archive.read(member)
    elif content.startswith(b"\x1f\x8b"):
        yield "", gzip.decompress(content)
    elif content.startswith(b"PAR1"):
        yield "", pl.read_parquet(path).write_csv().encode()
    elif content[8:12] == b"DUCK" and path.suffix == ".duckdb" and not is_encrypted(path):
        yield from _read_cells(path)


def _read_cells(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yields the values of each column of a DuckDB file, which compresses them."""
    with duckdb.connect(str(path), read_only=True) as audit:
        columns = audit.execute(
            "select table_schema, table_name, column_name from information_schema.columns"
            " join information_schema.tables using (table_schema, table_name) where table_type = 'BASE TABLE'"
        ).fetchall()
        for schema, table, column in columns:
            cells = audit.execute(f'select distinct "{column}"::varchar from "{schema}"."{table}"').fetchall()
            yield f"{table}.{column}", "\n".join(cell for (cell,) in cells if cell).encode()
