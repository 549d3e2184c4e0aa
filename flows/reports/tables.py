"""Writes tables for people and programs: on the terminal, as CSV, JSON, XLSX or Markdown."""

import io
import json
import math
import re
import sys
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

import polars as pl

from flows.support.atomic_files import write_atomically
from flows.support.errors import InputRefused
from flows.support.text import as_text
from transforms.tables.printable import printable

_MARKDOWN = re.compile(r"[\\`*\[\]<>|!]")


class Format(StrEnum):
    """Lists the formats of a table."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    XLSX = "xlsx"
    MARKDOWN = "markdown"


_ENDINGS = {".csv": Format.CSV, ".json": Format.JSON, ".xlsx": Format.XLSX, ".md": Format.MARKDOWN}


def choose_format(form: Format | None, out: Path | None) -> Format:
    """Returns the format that was asked for, otherwise that of the file's ending, otherwise a table."""
    return form or _ENDINGS.get(out.suffix.lower() if out else "", Format.TABLE)


def show(frame: pl.DataFrame, form: Format | None, out: Path | None) -> None:
    """Writes a table to a file, or to standard output, in the format that `choose_format` gives.

    Raises:
        InputRefused: the file cannot be written, or standard output is a terminal and the format is XLSX.
    """
    form = choose_format(form, out)
    if form is Format.XLSX and out is None and sys.stdout.isatty():
        raise InputRefused("--format xlsx writes a workbook, which a terminal cannot show; name a file with --out")
    write_out(_format(frame, form), out)


def write_out(content: bytes, out: Path | None, *, makes_folder: bool = False) -> None:
    """Writes to a file, completely or not at all, or to standard output.

    Args:
        content: the bytes to write.
        out: the file; None is standard output.
        makes_folder: whether to create the file's folder; False for a path from the user, which may be misspelt.

    Raises:
        InputRefused: the file cannot be written; the text gives the reason.
    """
    if out is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        reason = _find_obstacle(out, makes_folder=makes_folder)
        if reason is None:
            write_atomically(out, content)
    except OSError as error:
        reason = error.strerror or type(error).__name__
    if reason:
        raise InputRefused(f"{out}: the file cannot be written ({reason}); choose another --out")


def _find_obstacle(out: Path, *, makes_folder: bool) -> str | None:
    """Returns why a file cannot be written at this path; None if it can."""
    if out.is_dir():
        return "it is a directory"
    if out.exists() and not out.is_file():
        # Writing would replace a device with a file of the same name.
        return "it is not an ordinary file"
    if not makes_folder and not out.parent.is_dir():
        return f"there is no directory {out.parent}"
    return None


def _format(frame: pl.DataFrame, form: Format) -> bytes:
    if form is Format.CSV:
        return _convert_to_text(frame, keep="\n\t").write_csv().encode()
    if form is Format.JSON:
        return _format_json(frame).encode()
    if form is Format.XLSX:
        # Loaded here, because the other formats do not need it.
        from flows.reports.workbook import build_workbook  # noqa: PLC0415

        return build_workbook(frame)
    if form is Format.MARKDOWN:
        return _format_markdown(_convert_to_text(frame)).encode()
    return _format_terminal(_convert_to_text(frame)).encode()


def _convert_to_text(frame: pl.DataFrame, keep: str = "") -> pl.DataFrame:
    """Converts every value to text without control characters; null stays null.

    Args:
        frame: any columns; a list becomes one text.
        keep: control characters to keep, because the format quotes them.
    """
    # A list becomes one text and every number keeps its digits, which a cast to String does not ensure.
    columns = [
        pl.Series(
            printable(name, keep),
            [None if value is None else printable(as_text(value), keep) for value in frame[name].to_list()],
            dtype=pl.String,
        )
        for name in frame.columns
    ]
    return pl.DataFrame(columns)


def _format_json(frame: pl.DataFrame) -> str:
    """Returns a list of objects; numbers keep all their digits, which JSON allows."""
    # Python's encoder cannot write a Decimal as a number, so the objects are put together here.
    rows = [
        " {"
        + ", ".join(f"{_format_json_value(name)}: {_format_json_value(value)}" for name, value in row.items())
        + "}"
        for row in frame.iter_rows(named=True)
    ]
    return "[\n" + ",\n".join(rows) + "\n]\n" if rows else "[]\n"


def _format_json_value(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_format_json_value, value)) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return json.dumps(str(value))
    if isinstance(value, Decimal):
        return format(value, "f")
    if value is None or isinstance(value, (bool, int, float, str)):
        return _escape_json(json.dumps(value, ensure_ascii=False))
    return _escape_json(json.dumps(str(value), ensure_ascii=False))


def _escape_json(text: str) -> str:
    """Escapes characters in JSON that reorder or end the text on a terminal; the value stays the same."""
    return "".join(f"\\u{ord(letter):04x}" if printable(letter) != letter else letter for letter in text)


def _format_markdown(frame: pl.DataFrame) -> str:
    def format_line(cells: list[str]) -> str:
        return "| " + " | ".join(map(_escape_markdown, cells)) + " |"

    rows = [format_line([value or "" for value in row]) for row in frame.iter_rows()]
    return "\n".join([format_line(frame.columns), "|" + "---|" * frame.width, *rows]) + "\n"


def _escape_markdown(text: str) -> str:
    """Escapes a text so that Markdown shows it literally: no link, no tag, no end of a cell."""
    return _MARKDOWN.sub(r"\\\g<0>", text)


def _format_terminal(frame: pl.DataFrame) -> str:
    """Returns a table as wide as the terminal, or as wide as its content if output is redirected."""
    # Loaded here, because most commands show no table.
    from rich import box  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    # Redirected output is for programs, which cannot join wrapped lines again.
    console = Console(file=io.StringIO(), width=None if sys.stdout.isatty() else 10_000, soft_wrap=False)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in frame.columns:
        table.add_column(Text(name), overflow="fold")
    for row in frame.iter_rows():
        table.add_row(*(Text(value or "") for value in row))
    with console.capture() as capture:
        console.print(table, highlight=False)
    return capture.get()
