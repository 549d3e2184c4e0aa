"""Reads code lists that a user loads: a table in the project's own columns, a published sheet, or a PDF document.

In a table with the project's own columns, a missing column is blank. In any other sheet the reader guesses which
column is the list, the code and the description, and the user sees the result before it is put in force.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from flows.files.csv import Dialect, read_csv
from flows.files.isolated_reading import PDF_ENDING, WORKBOOK_ENDINGS, read_workbook
from flows.files.ordinary_files import read_file
from flows.reference.code_list_checks import describe_unknown_concepts, refuse_duplicate_codes
from flows.reference.in_force import ALIASES, LIST_COLUMNS, build_lists, list_code_lists, read_shipped_lists
from flows.reference.pdf_headings import CODE_NAMES, LABEL_NAMES
from flows.reference.pdf_lists import read_pdf_lists
from flows.support.errors import InputRefused
from flows.support.limits import Limits
from flows.support.text import format_count
from schemas.code_lists import Code, CodeList
from schemas.dataset import list_fields
from schemas.record_columns import FILE_LINE

# Common names for the columns of a sheet, in order of preference.
_COLUMN_NAMES: dict[str, tuple[str, ...]] = {
    "list": ("list", "code list", "csv file header", "csv header", "field", "header", "data item", "item"),
    "code": CODE_NAMES,
    "label": LABEL_NAMES,
}


@dataclass(frozen=True)
class Sheet:
    """Holds the lists of a file.

    `understood` describes how the columns were read; it is '' if they are the project's own. `notices` are sentences
    about possible mistakes. `problems` are the lists of a PDF document that cannot be read for certain, with the page.
    """

    lists: Mapping[str, CodeList]
    understood: str = ""
    notices: tuple[str, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)

    def choose(self, names: Sequence[str], file: Path) -> "Sheet":
        """Returns the sheet with only these lists; with all of them if no name is given.

        Raises:
            InputRefused: a list is not in the file, or cannot be read for certain.
        """
        chosen = [name.strip().upper() for name in names] or [*self.lists, *self.problems]
        for name in chosen:
            if name not in self.lists and name not in self.problems:
                raise InputRefused(f"{file}: {name} is not in the file; lists in it: {', '.join(sorted(self.lists))}")
        unread = [name for name in sorted(set(chosen)) if name in self.problems]
        if unread:
            others = f"; load the others with --only {sorted(self.lists)[0]} ..." if self.lists and not names else ""
            raise InputRefused(
                f"{file}: {unread[0]} cannot be read for certain, {self.problems[unread[0]]}"
                f"{f' (and {len(unread) - 1} more above)' if len(unread) > 1 else ''}; load it as CSV or XLSX{others}"
            )
        return replace(self, lists={name: self.lists[name] for name in chosen})


def read_sheet(file: Path, limits: Limits | None = None) -> Sheet:
    """Reads code lists from a CSV or XLSX table, or from the tables of a PDF document.

    Args:
        file: the table or the document.
        limits: the maximum memory and time for reading a workbook or a document.

    Raises:
        InputRefused: the table is invalid; the text names the file, line and column, the value and what is allowed.
    """
    if file.suffix.lower() == PDF_ENDING:
        document = read_pdf_lists(file, limits)
        return Sheet(document.lists, document.understood, problems=document.problems)
    table = _read_table(file, limits)
    names = {column.strip().lower(): column for column in table.columns if column != FILE_LINE}
    own = {*LIST_COLUMNS, ALIASES}
    is_own = set(LIST_COLUMNS) <= set(names) or {"list", "code"} <= set(names) <= own
    sheet = _read_own_columns(table, names, file) if is_own else _read_other_columns(table, names, file)
    return replace(sheet, notices=describe_unknown_concepts(sheet.lists, read_shipped_lists()))


def _read_own_columns(table: pl.DataFrame, names: Mapping[str, str], file: Path) -> Sheet:
    """Reads the project's own columns, missing ones as blank; describes lists without a status, assumed published."""
    absent = {"status": "published"} if "status" not in names else {}
    columns = [
        pl.col(names[column]).alias(column) if column in names else pl.lit(absent.get(column, "")).alias(column)
        for column in (*LIST_COLUMNS, ALIASES)
    ]
    lists = build_lists(table.select(*columns, FILE_LINE), str(file))
    if not absent:
        return Sheet(lists)
    chosen: dict[str, str | None] = {column: names[column] for column in LIST_COLUMNS if column in names}
    return Sheet(lists, _describe_reading(chosen, lists, set()))


def _read_table(file: Path, limits: Limits | None) -> pl.DataFrame:
    content = read_file(file)
    if file.suffix.lower() in WORKBOOK_ENDINGS:
        return read_workbook(content, str(file), limits=limits)
    return read_csv(content, str(file), Dialect(named_by="the encoding of code lists; save the file in it"))


def _read_other_columns(table: pl.DataFrame, names: Mapping[str, str], file: Path) -> Sheet:
    chosen = {
        part: next((names[called] for called in _COLUMN_NAMES[part] if called in names), None) for part in _COLUMN_NAMES
    }
    missing = [part for part, column in chosen.items() if column is None]
    if missing:
        allowed = ", ".join(_COLUMN_NAMES[missing[0]])
        raise InputRefused(
            f"{file}: no column for the {missing[0]} was found; use the columns {', '.join(LIST_COLUMNS)}, or"
            f" for the {missing[0]} a column called {allowed}"
        )
    codes_by_list: dict[str, list[tuple[str, Code]]] = {}
    left_out: set[str] = set()
    last = ""
    columns = [pl.col(column).alias(part) for part, column in chosen.items() if column]
    for row in table.select(*columns, FILE_LINE).to_dicts():
        where = f"{file}, line {row.pop(FILE_LINE)}"
        texts = {part: str(text or "").strip() for part, text in row.items()}
        # A sheet often names the list only on its first row.
        last = texts["list"] or last
        name = find_list(last)
        if name is None:
            left_out.add(last)
        elif texts["code"]:
            codes_by_list.setdefault(name, []).append((where, Code(texts["code"], texts["label"])))
    if not codes_by_list:
        raise InputRefused(
            f"{file}: no row names a code list of the dataset; the lists are {', '.join(sorted(list_code_lists()))}"
        )
    for name, codes in codes_by_list.items():
        refuse_duplicate_codes(name, codes)
    lists = {
        name: CodeList(name, "published", file.name, tuple(code for _, code in codes))
        for name, codes in codes_by_list.items()
    }
    return Sheet(lists, _describe_reading(chosen, lists, left_out))


def find_list(text: str) -> str | None:
    """Returns the code list that a sheet identifies by the list's name or a field's header; None if it is unknown."""
    bare = text.strip().upper()
    by_field = {field.header: field.code_list for field in list_fields() if field.code_list}
    return bare if bare in list_code_lists() else by_field.get(bare)


def _describe_reading(chosen: Mapping[str, str | None], lists: Mapping[str, CodeList], left_out: set[str]) -> str:
    columns = ", ".join(f"{part} from the column {column!r}" for part, column in chosen.items())
    lists_found = ", ".join(
        f"{name} ({format_count(len(code_list.codes), 'code')})" for name, code_list in sorted(lists.items())
    )
    lines = [f"Interpretation: {columns}.", f"Lists, all assumed to be published: {lists_found}."]
    if left_out:
        lines.append(f"Ignored, because the dataset has no such list: {', '.join(sorted(left_out))}.")
    return "\n".join(lines)
