"""Tables for people and programs: on the terminal, as CSV, JSON, XLSX or Markdown."""

import io
import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Any

import polars as pl
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from flows.durable import write_whole
from flows.errors import InputRefused


class Format(StrEnum):
    """How a table is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    XLSX = "xlsx"
    MARKDOWN = "markdown"


def show(frame: pl.DataFrame, form: Format, out: Path | None) -> None:
    """Writes a table to a file, or to standard output.

    Raises:
        InputRefused: the file cannot be written, or a workbook would go to a terminal.
    """
    if form is Format.XLSX and out is None and sys.stdout.isatty():
        raise InputRefused("--format xlsx is a workbook, which no terminal can show; name its file with --out")
    write_out(_content(frame, form), out)


def write_out(content: bytes, out: Path | None, *, makes_folder: bool = False) -> None:
    """Writes to a file, whole or not at all, or to standard output.

    Args:
        content: what is written.
        out: the file; None is standard output.
        makes_folder: whether the file's folder may be made.  Not where a person names it: it may be misspelt.

    Raises:
        InputRefused: the file cannot be written; the text says why.
    """
    if out is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        reason = _no_place(out, makes_folder=makes_folder)
        if reason is None:
            write_whole(out, content)
    except OSError as error:
        reason = error.strerror or type(error).__name__
    if reason:
        raise InputRefused(f"{out}: the file cannot be written ({reason})")


def _no_place(out: Path, *, makes_folder: bool) -> str | None:
    """Why a file cannot stand there; None where it may."""
    if out.is_dir():
        return "it is a directory"
    if out.exists() and not out.is_file():
        # A device would be replaced by a file of its name.
        return "it is no ordinary file"
    if not makes_folder and not out.parent.is_dir():
        return f"there is no directory {out.parent}"
    return None


def _content(frame: pl.DataFrame, form: Format) -> bytes:
    if form is Format.CSV:
        return _flat(frame).write_csv().encode()
    if form is Format.JSON:
        return (json.dumps(frame.to_dicts(), default=str, ensure_ascii=False, indent=1) + "\n").encode()
    if form is Format.XLSX:
        return _workbook(_flat(frame))
    if form is Format.MARKDOWN:
        return _markdown(_flat(frame)).encode()
    return _terminal(_flat(frame)).encode()


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists as one text; everything else as text, blank where there is nothing."""
    columns = [
        pl.Series(name, [_text(value) for value in frame[name].to_list()], dtype=pl.String) for name in frame.columns
    ]
    return pl.DataFrame(columns)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return "; ".join(str(each) for each in value) if isinstance(value, list) else str(value)


def _workbook(frame: pl.DataFrame) -> bytes:
    """Polars writes texts as texts: a value that begins with = is no formula."""
    buffer = io.BytesIO()
    frame.write_excel(buffer, autofit=True, freeze_panes=(1, 0))
    return buffer.getvalue()


def _markdown(frame: pl.DataFrame) -> str:
    def line(cells: list[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

    rows = [line([value or "" for value in row]) for row in frame.iter_rows()]
    return "\n".join([line(frame.columns), "|" + "---|" * frame.width, *rows]) + "\n"


def _terminal(frame: pl.DataFrame) -> str:
    """A table as wide as its content where nobody looks, as wide as the terminal where somebody does."""
    console = Console(file=io.StringIO(), width=None if sys.stdout.isatty() else 10_000, soft_wrap=False)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in frame.columns:
        table.add_column(name, overflow="fold")
    for row in frame.iter_rows():
        table.add_row(*(Text(value or "") for value in row))
    with console.capture() as capture:
        console.print(table, highlight=False)
    return capture.get()
