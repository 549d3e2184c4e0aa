"""LibreOffice opens every workbook: numbers are numbers, dates are dates, and no text becomes a formula or a link."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest

from flows.audit.queries import Filters, query, query_view
from flows.reports.workbook import build_workbook
from flows.reports.worklist import build_worklist
from tests.rules.world import World
from tests.support.exports import write_export
from tests.support.homes import make_small_home
from tests.support.naughty_texts import NAUGHTY
from tests.support.runs import land_export

pytestmark = pytest.mark.slow
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_BLANK = ElementTree.Element("blank")
# LibreOffice writes a Boolean as this formula.
_BOOLEANS = ("of:=TRUE()", "of:=FALSE()")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for LibreOffice, with its profile."""
    if shutil.which("soffice") is None:
        pytest.skip("there is no LibreOffice on this machine")
    return tmp_path_factory.mktemp("office")


def open_sheets(office: Path, content: bytes) -> dict[str, list[list[ElementTree.Element]]]:
    """Returns the cells of a workbook as LibreOffice has read them, by sheet and row; a blank cell has no type."""
    book = office / "book.xlsx"
    book.write_bytes(content)
    command = ["soffice", f"-env:UserInstallation={(office / 'profile').as_uri()}", "--headless"]
    subprocess.run(
        [*command, "--convert-to", "fods", "--outdir", str(office), str(book)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    root = ElementTree.parse(office / "book.fods").getroot()
    return {sheet.get(f"{_TABLE}name", ""): list(_read_rows(sheet)) for sheet in root.iter(f"{_TABLE}table")}


def _read_rows(sheet: ElementTree.Element) -> Iterator[list[ElementTree.Element]]:
    for row in sheet.iter(f"{_TABLE}table-row"):
        cells = list(_read_cells(row))
        # Rows that are equal are one row that is repeated; so are the blank rows after the last.
        yield from [cells] * (int(row.get(f"{_TABLE}number-rows-repeated", "1")) if any(map(kind_of, cells)) else 1)


def _read_cells(row: ElementTree.Element) -> Iterator[ElementTree.Element]:
    for cell in row.findall(f"{_TABLE}table-cell"):
        repeated = int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        # The blank cells after the last column are one cell that is repeated a thousand times.
        yield from [cell] * (repeated if repeated < 1000 else 0)


def kind_of(cell: ElementTree.Element) -> str | None:
    return cell.get(f"{_OFFICE}value-type")


def text_of(cell: ElementTree.Element) -> str:
    return "\n".join("".join(_spell(paragraph)) for paragraph in cell.findall(f"{_TEXT}p"))


def _spell(element: ElementTree.Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag == f"{_TEXT}s":
            yield " " * int(child.get(f"{_TEXT}c", "1"))
        elif child.tag == f"{_TEXT}tab":
            yield "\t"
        yield from _spell(child)
        yield child.tail or ""


def find_formulas_and_links(rows: list[list[ElementTree.Element]]) -> list[str]:
    cells = [cell for row in rows for cell in row]
    formulas = [formula for cell in cells if (formula := cell.get(f"{_TABLE}formula"))]
    linked = [text_of(cell) for cell in cells if list(cell.iter(f"{_TEXT}a"))]
    return [*(formula for formula in formulas if formula not in _BOOLEANS), *linked]


def test_naughty_texts_stay_texts(office: Path) -> None:
    [rows] = open_sheets(office, build_workbook(pl.DataFrame({"text": NAUGHTY}))).values()
    cells = [row[0] for row in rows[1 : 1 + len(NAUGHTY)]]
    assert {kind_of(cell) for cell in cells} == {"string"}
    assert [text_of(cell) for cell in cells] == list(NAUGHTY)
    assert find_formulas_and_links(rows) == []


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a landed month in which a record is rejected."""
    folder = tmp_path_factory.mktemp("books")
    home = make_small_home(folder / "home")
    wrong = World(edit={"DOB": "", "SEX": "=1+1", "HOUSING": "http://evil.example"})
    land_export(write_export(folder / "export", wrong, World()), home)
    return home


def test_the_worklist_opens(home: Path, office: Path) -> None:
    every = query_view(home, "worklist", Filters())
    sheets = open_sheets(office, build_worklist(every))
    faults = every.filter(pl.col("owner") == "entry")
    assert list(sheets) == ["Data entry", "Mapping", "Reference data"]
    rows = sheets["Data entry"]
    header = [text_of(cell) for cell in rows[0]]
    found = [dict(zip(header, row, strict=False)) for row in rows[1:] if row and kind_of(row[0])]
    lost = [int(row["Rows lost"].get(f"{_OFFICE}value", "")) for row in found]
    assert lost == faults["rows_lost"].to_list()
    assert {kind_of(row["Rows lost"]) for row in found} == {"float"}
    assert [text_of(row["What is wrong"]) for row in found] == faults["fault"].to_list()
    assert header[-2:] == ["Done", "Note"]
    assert find_formulas_and_links(rows) == []


@pytest.mark.parametrize("view", ["runs", "findings", "rejected_rows", "completeness", "month_rates", "status"])
def test_every_column_of_a_view_has_its_type(home: Path, office: Path, view: str) -> None:
    frame = query(home, f"from {view}")
    assert not frame.is_empty()
    [rows] = open_sheets(office, build_workbook(frame)).values()
    for position, column in enumerate(frame.get_columns()):
        values = column.to_list()
        cells = [row[position] if position < len(row) else _BLANK for row in rows[1 : 1 + len(values)]]
        # A Boolean is a number with a format.
        is_number = column.dtype.is_numeric() or column.dtype == pl.Boolean
        expected = "date" if column.dtype.is_temporal() else "float" if is_number else "string"
        # A list without items is a blank text.
        kinds = {kind_of(cell) for cell, value in zip(cells, values, strict=True) if value not in (None, [])}
        assert kinds <= {expected}, column.name
    assert find_formulas_and_links(rows) == []
