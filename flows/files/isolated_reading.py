"""Reads Excel workbooks, Parquet files and PDF documents in a separate process, with limits.

The libraries that read these formats can abort on a damaged file, which no Python code can catch, or allocate any
amount of memory. In a child process, either ends only the child, and the command refuses the file by name.
"""

import io
import json
import os
import subprocess
import sys

import polars as pl

from flows.support.errors import InputRefused
from flows.support.limits import Limits, size_in_bytes

WORKBOOK_ENDINGS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
PARQUET_ENDINGS = (".parquet", ".pq")
PDF_ENDING = ".pdf"
# The exit code of a process that refuses a file.
REFUSED = 2


def read_workbook(content: bytes, name: str, sheet: str | None = None, limits: Limits | None = None) -> pl.DataFrame:
    """Reads a sheet of an Excel workbook as text columns, and `FILE_LINE`, the row of the sheet.

    Args:
        content: the bytes of the workbook.
        name: the name of the workbook in messages.
        sheet: the name of the sheet; None is the first.
        limits: the maximum memory and time for reading.

    Returns:
        One String column for each column of the header, and `FILE_LINE` (UInt32).

    Raises:
        InputRefused: the file is not a workbook, the sheet is missing, its header is invalid, or reading failed.
    """
    answer = _read(content, name, limits or Limits(), "workbook", *([sheet] if sheet is not None else []))
    return pl.read_ipc(io.BytesIO(answer))


def read_parquet(content: bytes, name: str, limits: Limits | None = None) -> pl.DataFrame:
    """Reads a Parquet table as text columns, and `FILE_LINE`, which counts the header as line 1.

    Raises:
        InputRefused: the file is not Parquet, a column contains nested values, or reading failed.
    """
    return pl.read_ipc(io.BytesIO(_read(content, name, limits or Limits(), "parquet")))


def read_pdf(content: bytes, name: str, limits: Limits | None = None) -> pl.DataFrame:
    """Reads a PDF document as words and cells with their positions, in the columns of `flows.files.pdf.LAYOUT`.

    Raises:
        InputRefused: the extra `pdf` is not installed, the file is not a PDF document or has no text, or reading
            failed.
    """
    return pl.read_ipc(io.BytesIO(_read(content, name, limits or Limits(), "pdf")))


def read_sheet_names(content: bytes, name: str, limits: Limits | None = None) -> list[str]:
    """Returns the names of a workbook's sheets.

    Raises:
        InputRefused: the file is not a workbook, or reading failed.
    """
    names: list[str] = json.loads(_read(content, name, limits or Limits(), "sheets"))
    return names


def _read(content: bytes, name: str, limits: Limits, kind: str, *arguments: str) -> bytes:
    """Runs the reading process and returns its output."""
    memory, seconds = str(size_in_bytes(limits.reading_memory)), limits.reading_seconds
    command = [sys.executable, "-m", "flows.files.reading_process", str(os.getpid()), memory, kind, name, *arguments]
    try:
        process = subprocess.run(
            command,
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InputRefused(
            f"{name}: reading the file took more than {seconds:g} seconds; raise reading_seconds in the settings"
        ) from None
    except OSError as error:
        raise InputRefused(
            f"{name}: no process could be started to read the file ({error.strerror}); try again when the machine"
            " is less busy"
        ) from None
    if process.returncode == REFUSED:
        raise InputRefused(process.stdout.decode())
    if process.returncode != 0:
        raise InputRefused(
            f"{name}: the file is damaged, or needs more than {limits.reading_memory} of memory to read; save the"
            " file again, or raise reading_memory in the settings"
        )
    return process.stdout
