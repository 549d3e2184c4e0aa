"""Writes mappings with SQL: that of a source again, in place of its columns, or one query for all tables."""

import json
from pathlib import Path

from flows.sources.mapping import SourceMapping, TableMapping
from schemas.dataset import ENTITIES, TABLE


def write_sql_mapping(mapping: SourceMapping, folder: Path, location: Path) -> Path:
    """Writes a mapping whose tables are built by SQL, with the codes, blanks and dates of another.

    Args:
        mapping: a mapping whose tables are files without joins and filters.
        folder: where the mapping and its SQL files are written.
        location: where the export is.

    Returns:
        The path of the mapping.
    """
    (folder / "sql").mkdir(parents=True, exist_ok=True)
    lines = [
        f"name = {json.dumps(mapping.name)}",
        f"location = {json.dumps(str(location))}",
        f"encoding = {json.dumps(mapping.encoding)}",
        f"delimiter = {json.dumps(mapping.delimiter)}",
        f"blanks = {json.dumps(mapping.blanks)}",
        f"dates = {json.dumps(mapping.dates)}",
        "[constants]",
        *(f"{header} = {json.dumps(text)}" for header, text in mapping.constants.items()),
    ]
    for entity in ENTITIES:
        table = mapping.table(entity)
        (folder / "sql" / f"{TABLE[entity]}.sql").write_text(_build_query(table), encoding="utf-8")
        lines += [f"[{TABLE[entity]}]", f'sql = "sql/{TABLE[entity]}.sql"']
        for header, codes in table.codes.items():
            lines.append(f"[{TABLE[entity]}.codes.{header}]")
            lines += [f"{json.dumps(local)} = {json.dumps(code)}" for local, code in codes.items()]
    path = folder / f"{mapping.name}.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def write_table_queries(export: Path, query: str) -> Path:
    """Writes the mapping of an export next to it, with the same query for each table.

    Args:
        export: the folder of the export.
        query: the query, with {table} for the name of the table.

    Returns:
        The path of the mapping.
    """
    tables = ""
    for table in TABLE.values():
        (export.parent / f"{table}.sql").write_text(query.replace("{table}", table), encoding="utf-8")
        tables += f'[{table}]\nsql = "{table}.sql"\n'
    path = export.parent / "system.toml"
    path.write_text(f'name = "system"\nlocation = "{export.name}"\n{tables}', encoding="utf-8")
    return path


def _build_query(table: TableMapping) -> str:
    columns = ",\n    ".join(f'"{column}" as {header}' for header, column in table.columns.items())
    return f'select\n    {columns},\n    source_file, source_line\nfrom "{Path(table.file).stem}"\n'
