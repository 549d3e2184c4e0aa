"""Fuzz target: the strict reader of the files of an export, from bytes to a table of text."""

import codecs
import csv
import io
from datetime import date
from functools import cache
from pathlib import Path

import openpyxl
import polars as pl
from hypothesis import strategies as st

from flows.files.archives import unpack
from flows.files.csv import Dialect, read_csv
from flows.files.encodings import is_readable_encoding
from flows.files.isolated_reading import read_parquet, read_workbook
from flows.support.errors import InputRefused
from flows.support.limits import Limits
from schemas.record_columns import FILE_LINE
from tests.fuzz.attempt import CANARY, FuzzInput, Target
from tests.fuzz.damage import damaged, damaged_archives, packed, repack

LIMITS = Limits(unpacked_size="64MB", reading_memory="4GB", reading_seconds=60)
_DELIMITERS = {"csv": ",", "tsv": "\t", "psv": "|", "ssv": ";", "dsv": "§"}
_ENCODINGS = (
    "utf-8", "cp1252", "latin-1", "utf-16", "utf-16-le", "utf-32", "utf-8-sig", "shift_jis", "gb18030", "cp037",
    "mac-roman", "euc-kr", "charmap", "big5hkscs",
)  # fmt: skip
_CELLS = (
    CANARY, "", " ", "1980-01-02", "O'Brian", "line\nend", "return\r\nend", "lone\rreturn", 'a "quote"', "a,b", "a;b",
    "é", "😀", "\u2028", "\x85", "\x1c", "\x0b", "NULL", "0012", "=1+1", "x" * 5000, "§", "|", "\t", "\ufeff", "#",
    "\x1a",
)  # fmt: skip
_HEADERS = (
    "CLIENTID",
    "DOB",
    "notes",
    "",
    " ",
    "*",
    "^CLIENT.*$",
    "a" * 300,
    "é",
    "column 2",
    "DOB ",
    "\ufeff",
    CANARY,
)


@st.composite
def _tables(draw: st.DrawFn) -> bytes:
    """A written table: usually rectangular, with quotes where needed, everywhere or nowhere."""
    delimiter = draw(st.sampled_from(sorted(_DELIMITERS.values())))
    width = draw(st.sampled_from((1, 1, 2, 3, 3, 3, 400)))
    header = draw(st.lists(st.sampled_from(_HEADERS), min_size=min(width, 4), max_size=min(width, 4), unique=True))
    header += [f"c{number}" for number in range(len(header), width)]
    pool = draw(st.lists(st.sampled_from(_CELLS), min_size=1, max_size=4))
    rows = [
        [pool[(number + place) % len(pool)] for place in range(width + draw(st.sampled_from((0,) * 12 + (1, -1))))]
        for number in range(draw(st.integers(0, 6)))
    ]
    end = draw(st.sampled_from(("\n", "\r\n", "\r", "\n\n")))
    quoting = draw(st.sampled_from(("needed", "all", "none")))
    lines = (delimiter.join(_quote(cell, delimiter, quoting) for cell in row) for row in (header, *rows))
    text = end.join(lines) + draw(st.sampled_from(("", end)))
    return text.encode(draw(st.sampled_from(("utf-8", "utf-8", "utf-8", *_ENCODINGS[1:]))), "replace")


def _quote(cell: str, delimiter: str, quoting: str) -> str:
    is_quoted = quoting == "all" or (quoting == "needed" and any(sign in cell for sign in (delimiter, '"', "\n", "\r")))
    return '"' + cell.replace('"', '""') + '"' if is_quoted else cell


_GOOD = (
    f"CLIENTID,DOB,notes\nC1,1980-01-02,{CANARY}\nC2,,x\n".encode(),
    f'CLIENTID;DOB;notes\r\n"C1";"1980-01-02";"{CANARY}\r\nand ""more"""\r\nC2;;x\r\n'.encode(),
    f"CLIENTID\tnotes\nC1\t{CANARY} é\n".encode("utf-16"),
    f"notes\n{CANARY}\n\n\nb\n".encode(),
    (f"a,b\n{CANARY}," + "x" * 2**20 + "\n").encode(),
)


@cache
def _build_parquet() -> list[bytes]:
    frame = pl.DataFrame({
        "CLIENTID": ["C1", CANARY], "*": [date(2023, 4, 1), None], "^CLIENT.*$": [1.0, 2.5], "": [True, None],
        "number": [1, 2**60],
    })  # fmt: skip
    written = []
    for table in (frame, frame.with_columns(pl.lit(1e300).alias("DOB"), pl.lit(None).alias("none")), frame.clear()):
        buffer = io.BytesIO()
        table.write_parquet(buffer)
        written.append(buffer.getvalue())
    return written


@cache
def _build_workbook() -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in (("CLIENTID", "*", "^DOB$"), (CANARY, 1, 2.5), (None, None, None), ("C2", True, "#N/A")):
        sheet.append(row)
    book.save(buffer)
    return repack(buffer.getvalue())


@st.composite
def _inputs(draw: st.DrawFn) -> FuzzInput:
    texts = st.one_of(_tables(), damaged(_GOOD), _tables().flatmap(lambda table: damaged([table])))
    way = draw(st.integers(0, 120))
    # Hypothesis draws the ends of a range more often; these kinds start a process for each input.
    if way == 57:
        return FuzzInput("xlsx", draw(damaged_archives([_build_workbook()])))
    if way == 83:
        return FuzzInput("parquet", draw(damaged(_build_parquet(), most=3)))
    if way < 20:
        ending, archive = draw(packed(texts))
        return FuzzInput(f"csv.{ending}", archive)
    encoding = draw(st.sampled_from(("utf-8", "utf-8", *_ENCODINGS)))
    return FuzzInput(f"{encoding}.{draw(st.sampled_from(sorted(_DELIMITERS)))}", draw(texts))


def read(tried: FuzzInput, _folder: Path) -> None:
    """Reads a file as the intake does, and compares what comes of a CSV file with what Python's csv module reads."""
    name = f"table.{tried.kind}"
    if tried.kind == "xlsx":
        read_workbook(tried.content, name, limits=LIMITS)
    elif tried.kind == "parquet":
        read_parquet(tried.content, name, LIMITS)
    else:
        content, _ = unpack(tried.content, name, limits=LIMITS)
        encoding, _, ending = tried.kind.rpartition(".")
        is_archive = ending not in _DELIMITERS
        dialect = Dialect("utf-8" if is_archive or not encoding else encoding, _DELIMITERS.get(ending, ","))
        if not is_readable_encoding(dialect.encoding):
            raise InputRefused("the mapping refuses this encoding")
        _compare(read_csv(content, name, dialect), content, dialect)


def _compare(table: pl.DataFrame, content: bytes, dialect: Dialect) -> None:
    """Compares every cell and every line; a row that either reader lost, or a changed text, fails."""
    encoding = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else dialect.encoding
    text = content.removeprefix(codecs.BOM_UTF8).decode(encoding).removeprefix("\ufeff" if encoding == "utf-16" else "")
    csv.field_size_limit(2**30)
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=dialect.delimiter, strict=True)
    records, start = [], 1
    for row in reader:
        records += [(row, start)] if row else []
        start = reader.line_num + 1
    cells = [tuple(cell or "" for cell in row) for row in table.drop(FILE_LINE).rows()]
    assert cells == [tuple(row) for row, _ in records[1:]], "cells differ"
    assert table[FILE_LINE].to_list() == [line for _, line in records[1:]], "lines differ"


TARGET = Target("reader", _inputs(), read, examples=400)
