"""The comments of the audit's tables, views and columns, which database tools show.

A view is described by the comment at the start of its file in sql/, a column by data/audit/columns.csv.
"""

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from schemas.dataset import list_fields

_COLUMNS = Path(__file__).parents[2] / "data" / "audit" / "columns.csv"


def read_column_file() -> str:
    """Returns the text of the descriptions of columns."""
    return _COLUMNS.read_text(encoding="utf-8")


@cache
def _read_meanings() -> Mapping[tuple[str, str], str]:
    """Returns what columns mean, by name and object; the object is blank for a meaning in every object."""
    rows = csv.DictReader(read_column_file().splitlines())
    of_fields = {(field.header, ""): f"{field.title[:1].upper()}{field.title[1:]}, as sent." for field in list_fields()}
    return of_fields | {(row["column"], row["object"]): row["meaning"] for row in rows}


def find_column_meaning(name: str, column: str) -> str | None:
    """Returns what a column of a table or view means; None if it is not described."""
    meanings = _read_meanings()
    return meanings.get((column, name)) or meanings.get((column, ""))


def read_description(definition: str) -> str:
    """Returns the comment at the start of a definition in sql/, as one text."""
    lines: list[str] = []
    for line in definition.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    return " ".join(lines)


def build_comments(name: str, kind: str, definition: str, columns: list[str]) -> Iterator[str]:
    """Yields the statements that describe a table or view and its columns.

    Args:
        name: its name.
        kind: `table` or `view`.
        definition: the text of its file in sql/.
        columns: the names of its columns.
    """
    yield f"comment on {kind} {name} is {_quote(read_description(definition))}"
    for column in columns:
        if meaning := find_column_meaning(name.rpartition(".")[2], column):
            yield f'comment on column {name}."{column}" is {_quote(meaning)}'


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
