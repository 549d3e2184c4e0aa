"""Reads code lists from a published PDF document, and describes what was read and what was not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flows.files.isolated_reading import read_pdf
from flows.files.ordinary_files import read_file
from flows.reference.code_list_checks import refuse_duplicate_codes
from flows.reference.pdf_layout import read_layout
from flows.reference.pdf_tables import CodeTable, find_tables
from flows.support.errors import InputRefused
from flows.support.limits import Limits
from flows.support.text import format_count, join_texts
from schemas.code_lists import Code, CodeList


@dataclass(frozen=True)
class PdfLists:
    """Holds the lists of a document, the pages and problems of lists, and a description of each ignored table."""

    lists: Mapping[str, CodeList]
    pages: Mapping[str, list[int]]
    problems: Mapping[str, str]
    ignored: tuple[str, ...]

    @property
    def understood(self) -> str:
        """Describes what was read, one line per list or table."""
        lines = [
            f"{name}, {_format_pages(self.pages[name])}: {format_count(len(code_list.codes), 'code')}"
            for name, code_list in sorted(self.lists.items())
        ]
        lines += [f"{name}: cannot be read for certain: {problem}" for name, problem in sorted(self.problems.items())]
        lines += [f"Ignored, because its heading names no code list: {table}" for table in self.ignored]
        return "\n".join(lines)


def read_pdf_lists(file: Path, limits: Limits | None = None) -> PdfLists:
    """Reads the tables of code and text of a PDF document, each below a heading that names its list.

    Raises:
        InputRefused: the file cannot be read, or contains no table of a list.
    """
    layout = read_pdf(read_file(file), str(file), limits)
    tables = find_tables(read_layout(layout), float(str(layout["page_width"].max())))
    found: dict[str, list[CodeTable]] = {}
    for table in tables:
        if table.name and (table.rows or table.problem):
            found.setdefault(table.name, []).append(table)
    if not found:
        raise InputRefused(
            f"{file}: no table of codes and texts below the name or the title of a code list was found; use a table"
            " with the columns list, code, label, as CSV or XLSX"
        )
    lists: dict[str, CodeList] = {}
    problems: dict[str, str] = {}
    for name, parts in found.items():
        try:
            problem = next((part.problem for part in parts if part.problem), "")
            lists[name] = _build_list(name, parts, file)
        except InputRefused as refusal:
            problem = problem or str(refusal)
        if problem:
            problems[name] = problem
            lists.pop(name, None)
    pages = {name: sorted({row.page for part in parts for row in part.rows}) for name, parts in found.items()}
    return PdfLists(lists, pages, problems, tuple(_describe_ignored(tables)))


def _build_list(name: str, tables: Iterable[CodeTable], file: Path) -> CodeList:
    codes = [
        (f"page {row.page}", Code(row.code, " ".join(row.label.split()))) for table in tables for row in table.rows
    ]
    refuse_duplicate_codes(name, codes)
    return CodeList(name, "published", file.name, tuple(code for _, code in codes))


def _describe_ignored(tables: Iterable[CodeTable]) -> Iterable[str]:
    for table in tables:
        if not (table.name and (table.rows or table.problem)):
            count = f", {format_count(len(table.rows), 'code')}" if table.rows else ""
            yield (
                f"page {table.page}, below {table.heading[:80]!r}{count}, columns"
                f" {join_texts((header or 'blank' for header in table.headers), 6)}"
            )


def _format_pages(pages: list[int]) -> str:
    return f"page{'s' if len(pages) > 1 else ''} {', '.join(map(str, pages))}"
