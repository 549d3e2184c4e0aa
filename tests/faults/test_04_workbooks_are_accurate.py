"""A workbook gives back what the query returned: texts as texts, numbers and dates as such, or it is refused."""

import io
import json
import math
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import polars as pl
import pytest

from flows.audit.answers import query_frame_exactly
from flows.reports import workbook as module
from flows.reports.tables import Format, show
from flows.reports.workbook import build_workbook
from flows.support.errors import InputRefused
from tests.support.naughty_texts import NAUGHTY


def cells(frame: pl.DataFrame) -> list[tuple[object, ...]]:
    """The cells of a workbook below its header, as another program reads them."""
    sheet = openpyxl.load_workbook(io.BytesIO(build_workbook(frame))).active
    assert sheet is not None
    return list(sheet.iter_rows(min_row=2, values_only=True))


def test_naughty_texts_come_back_as_they_were() -> None:
    frame = pl.DataFrame({"text": NAUGHTY})
    book = openpyxl.load_workbook(io.BytesIO(build_workbook(frame)))
    sheet = book.active
    assert sheet is not None
    assert [cell.value for (cell,) in sheet.iter_rows(min_row=2)] == list(NAUGHTY)
    assert {cell.data_type for (cell,) in sheet.iter_rows(min_row=2)} == {"s"}
    assert [cell.hyperlink for (cell,) in sheet.iter_rows(min_row=2) if cell.hyperlink] == []


def test_control_characters_are_kept_as_the_format_writes_them() -> None:
    from fastexcel import read_excel

    texts = ["a\x1b[31mb", "nul\x00", "\x07bell"]
    found = read_excel(build_workbook(pl.DataFrame({"text": texts}))).load_sheet(0, dtypes="string").to_polars()
    assert found["text"].to_list() == texts


EVERY_TYPE = """
    select true as "boolean", 1::tinyint as "tinyint", 42::bigint as "bigint", 7::hugeint as "hugeint",
        9007199254740993::bigint as "long", 170141183460469231731687303715884105727::hugeint as "longest",
        1.5::decimal(9, 2) as "decimal", 0.30000000000000004::double as "double", 'x' as "varchar",
        date '2023-04-01' as "date", date '1899-12-31' as "old date", 'infinity'::date as "endless date",
        timestamp '2023-04-01 12:30:45.125' as "timestamp", timestamp '2023-04-01 12:30:45.123456' as "exact timestamp",
        timestamptz '2023-04-01 12:30:45+00' as "timestamptz", time '12:30:45' as "time",
        interval 1 month as "interval", 'c4b9ff39-e9a8-4a9c-8c8a-6a5fd1cfa0a0'::uuid as "uuid",
        'a\\x00'::blob as "blob",
        [1, 2] as "list", {'a': 1} as "struct", map {'k': 1} as "map", 'y'::enum('x', 'y') as "enum",
        '101'::bit as "bit", union_value(number := 2) as "union", 'nan'::double as "nan", null as "null"
"""
IN_A_SHEET = {
    "boolean": True, "tinyint": 1, "bigint": 42, "hugeint": 7, "long": "9007199254740993",
    "longest": "170141183460469231731687303715884105727", "decimal": 1.5, "double": 0.30000000000000004, "varchar": "x",
    "date": datetime(2023, 4, 1), "old date": "1899-12-31", "endless date": "infinity",
    "timestamp": datetime(2023, 4, 1, 12, 30, 45, 125000), "exact timestamp": "2023-04-01 12:30:45.123456",
    "timestamptz": "2023-04-01 12:30:45+00", "time": time(12, 30, 45), "interval": "1 month",
    "uuid": "c4b9ff39-e9a8-4a9c-8c8a-6a5fd1cfa0a0", "blob": "a\\x00", "list": "1; 2", "struct": "{'a': 1}",
    "map": "{k=1}", "enum": "y", "bit": "101", "union": "2", "nan": "nan", "null": None,
}  # fmt: skip


@pytest.fixture(scope="module")
def every_type() -> pl.DataFrame:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        return query_frame_exactly(connection, EVERY_TYPE)


def test_every_type_of_the_audit_comes_back_as_what_the_query_returned(every_type: pl.DataFrame) -> None:
    [found] = cells(every_type)
    assert dict(zip(every_type.columns, found, strict=True)) == IN_A_SHEET
    assert {type(value) for value, name in zip(found, every_type.columns, strict=True) if name == "tinyint"} == {int}


def test_json_has_numbers_as_numbers(every_type: pl.DataFrame, tmp_path: Path) -> None:
    show(every_type, Format.JSON, tmp_path / "out.json")
    text = (tmp_path / "out.json").read_text(encoding="utf-8")
    [row] = json.loads(text, parse_float=Decimal)
    assert (row["decimal"], row["bigint"], row["boolean"]) == (Decimal("1.50"), 42, True)
    assert row["longest"] == 2**127 - 1
    assert (row["list"], row["null"], row["interval"], row["date"]) == ([1, 2], None, "1 month", "2023-04-01")
    assert row["nan"] == "nan"
    assert json.loads(text.replace("\n", ""))


def test_columns_of_one_name_and_names_that_differ_in_case_are_all_there() -> None:
    with duckdb.connect() as connection:
        frame = query_frame_exactly(connection, 'select 1 as a, 2 as a, 3 as "A"')
    assert frame.columns == ["a", "a_1", "A"]
    assert cells(frame) == [(1, 2, 3)]


@pytest.mark.parametrize(
    "column, expected",
    [
        ([1, None, 2], [1, None, 2]),
        ([1, 10**16], ["1", str(10**16)]),
        ([0.1, math.inf], [0.1, "inf"]),
        ([date(2023, 4, 1), date(1800, 1, 1)], ["2023-04-01", "1800-01-01"]),
        (["", "x"], [None, "x"]),
    ],
)
def test_a_column_is_typed_where_a_sheet_can_hold_every_value(column: list[object], expected: list[object]) -> None:
    found = [value or None for (value,) in cells(pl.DataFrame({"column": column}))]
    assert found == expected


def test_what_a_sheet_cannot_hold_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.xlsx"
    with pytest.raises(InputRefused, match="row 2 of the table has a text of 32768 characters"):
        show(pl.DataFrame({"a": ["x", "y" * 32_768]}), Format.XLSX, out)
    with pytest.raises(InputRefused, match="row 1 of the table has a text of 16384 characters"):
        show(pl.DataFrame({"a": ["😀" * 16_384]}), Format.XLSX, out)
    monkeypatch.setattr(module, "MOST_ROWS", 4)
    with pytest.raises(InputRefused, match="the table has 4 rows, but a sheet holds 3 below its header"):
        show(pl.DataFrame({"a": range(4)}), Format.XLSX, out)
    monkeypatch.setattr(module, "MOST_COLUMNS", 1)
    with pytest.raises(InputRefused, match="the table has 2 columns, but a sheet holds 1"):
        show(pl.DataFrame({"a": [1], "b": [1]}), Format.XLSX, out)
    assert list(tmp_path.iterdir()) == []
