"""Fuzz target: reference data that a site loads: code lists, the postcode directory and the format of the file."""

import io
import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
from hypothesis import strategies as st

from flows.reference.code_list_files import read_sheet
from flows.reference.file_format import read_format
from flows.reference.in_force import LIST_COLUMNS
from flows.reference.load import read_postcodes
from flows.support.limits import Limits
from tests.fuzz.attempt import CANARY, FuzzInput, Target
from tests.fuzz.damage import SIGNS, build_zip, damaged, damaged_archives, repack
from tests.support.published_pdf import list_appendix_tables, write_pdf

LIMITS = Limits(reading_memory="4GB", reading_seconds=60)
_HEADERS = json.loads((Path(__file__).parents[1] / "data" / "onspd_nspl_headers.json").read_text(encoding="utf-8"))
_LISTS = (
    f"{','.join(LIST_COLUMNS)},aliases\nSEX,1,Male,,published,official,2023-04-01,,m|man\n"
    "SEX,2,Female,,published,official,,2024-03-31,\nPRISON,FWR,HMP Fairwater,,provisional,official,,,\n".encode(),
    b'list,code,label\nSEX,1,"Male"\nSEX,2,Female\n',
    "CSV file header;Code;Reference data\nSEX;1;Male\n;2;Femal\u00e9\nUNKNOWN;3;x\n".replace(";", ",").encode(),
)
_FORMAT = (
    b"confirmed = true\nname = '{agency}-{first_day:%Y%m%d}-{last_day:%d}.csv'\ndate_format = '%d/%m/%Y'\n"
    b"delimiter = '|'\nquoting = 'all'\nline_end = '\\n'\n",
    b"name = '{agency}{last_day}'\ncolumns = ['CLIENTID']\n",
)
_FORMAT_SIGNS = (
    *SIGNS, b"{agency!r:>{first_day}}", b"{agency.__class__}", b"{agency[0]}", b"{first_day:%",
    b"{last_day:>1000000000}",
    b"{first_day:%Y\\u0000}", b"{", b"}", b"{{", b"{0}", b"{}", b"%d%m%Y", b"%", b"1" * 5000, b"[" * 2000, b"\\u0000",
    b"columns",
    b"\\ud800", b"2023-04-01T00:00:00Z",
)  # fmt: skip
_LIST_SIGNS = (*SIGNS, b"SEX", b"PRISON", b"code", b"list", b"9999-99-99", b"0000-01-01", b"published", b"'" * 200)


def _write_release(header: list[str]) -> bytes:
    """Returns a release of two postcodes, and the canary in the columns that are not used."""
    lines = [header]
    for postcode, county, district in (("AL1 1AA", "E10000015", "E07000240"), ("W1A 1AA", "", "")):
        areas = {"cty": county, "lau": district, "lad": district}
        line = []
        for name in map(str.lower, header):
            area = areas.get(name.removeprefix("os")[:3], CANARY)
            area = {"admin_county_code": county, "admin_district_code": district}.get(name, area)
            line.append(postcode if name in {"pcds", "postcode"} else area)
        lines.append(line)
    return "".join(",".join(line) + "\r\n" for line in lines).encode()


@cache
def _list_releases() -> list[bytes]:
    return [_write_release(header) for header in _HEADERS.values()]


@cache
def _build_workbook() -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in (("list", "code", "label"), ("SEX", 1, "Male"), ("SEX", 2, "Female"), (None, None, None)):
        sheet.append(row)
    book.save(buffer)
    return repack(buffer.getvalue())


@cache
def _build_pdf() -> bytes:
    with TemporaryDirectory() as folder:
        return write_pdf(Path(folder, "lists.pdf"), *list_appendix_tables()[:2], ruled=True).read_bytes()


@st.composite
def _inputs(draw: st.DrawFn) -> FuzzInput:
    way = draw(st.integers(0, 120))
    # Hypothesis draws the ends of a range more often; these kinds start a process for each input.
    if way == 57:
        return FuzzInput("lists.xlsx", draw(damaged_archives([_build_workbook()])))
    if way == 83:
        return FuzzInput("lists.pdf", draw(damaged([_build_pdf()])))
    if way < 40:
        return FuzzInput("lists.csv", draw(damaged(_LISTS, _LIST_SIGNS)))
    if way < 80:
        return FuzzInput("format.toml", draw(damaged(_FORMAT, _FORMAT_SIGNS)))
    release = draw(damaged(_list_releases()))
    if way < 110:
        return FuzzInput("postcodes.csv", release)
    archive = build_zip({"Data/ONSPD_NOV_2025_UK.csv": release, "Data/other.csv": b"a,b\n1,2\n"})
    return FuzzInput("postcodes.zip", draw(damaged([archive], most=2)))


def read(tried: FuzzInput, folder: Path) -> None:
    """Reads a file as `ndtms reference` does."""
    path = folder / "input" / tried.kind
    path.parent.mkdir()
    path.write_bytes(tried.content)
    if tried.kind.startswith("lists"):
        sheet = read_sheet(path, LIMITS)
        assert sheet.lists or sheet.problems, "nothing is read"
    elif tried.kind.startswith("format"):
        read_format(path)
    else:
        assert len(read_postcodes(path).directory), "nothing is read"


TARGET = Target("reference", _inputs(), read, examples=300)
