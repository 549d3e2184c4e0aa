"""Tables for people and programs: what is written in each form."""

import io
import json
import os
import zipfile
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from flows.reports import tables
from flows.reports.tables import Format, show
from flows.support.errors import InputRefused

FRAME = pl.DataFrame(
    {
        "rule": ["SEX.required", None],
        "records": [3, 0],
        "day": [date(2023, 4, 3), None],
        "owners": [["entry", "conversion"], []],
    }
)
DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("x")', "{=1+1}"]


def written(frame: pl.DataFrame, form: Format, tmp_path: Path) -> bytes:
    out = tmp_path / "out"
    show(frame, form, out)
    return out.read_bytes()


def test_csv(tmp_path: Path) -> None:
    assert written(FRAME, Format.CSV, tmp_path).decode() == (
        'rule,records,day,owners\nSEX.required,3,2023-04-03,entry; conversion\n,0,,""\n'
    )


def test_json_keeps_types_lists_and_letters(tmp_path: Path) -> None:
    content = written(FRAME.with_columns(rule=pl.lit("é=1")), Format.JSON, tmp_path)
    assert "é" in content.decode()
    assert json.loads(content) == [
        {"rule": "é=1", "records": 3, "day": "2023-04-03", "owners": ["entry", "conversion"]},
        {"rule": "é=1", "records": 0, "day": None, "owners": []},
    ]


def test_markdown_keeps_a_row_a_row(tmp_path: Path) -> None:
    frame = pl.DataFrame({"value": ["a|b", "c\nd", None]})
    assert written(frame, Format.MARKDOWN, tmp_path).decode() == "| value |\n|---|\n| a\\|b |\n| c\\\\nd |\n|  |\n"


def test_the_terminal_shows_text_as_it_is(tmp_path: Path) -> None:
    shown = written(pl.DataFrame({"value": ["[red]x[/red]", ":smile:", "y" * 300]}), Format.TABLE, tmp_path).decode()
    for text in ("[red]x[/red]", ":smile:", "y" * 300):
        assert text in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize("form", Format)
def test_no_rows_are_a_table_too(form: Format, tmp_path: Path) -> None:
    assert written(FRAME.clear(), form, tmp_path)


def workbook_parts(frame: pl.DataFrame, tmp_path: Path) -> dict[str, str]:
    content = written(frame, Format.XLSX, tmp_path)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return {name: parts.read(name).decode() for name in parts.namelist() if name.endswith(".xml")}


def test_no_value_becomes_a_formula(tmp_path: Path) -> None:
    parts = workbook_parts(pl.DataFrame({"value": DANGEROUS, "values": [[text] for text in DANGEROUS]}), tmp_path)
    sheet, strings = parts["xl/worksheets/sheet1.xml"], parts["xl/sharedStrings.xml"]
    assert "<f>" not in sheet and "<f " not in sheet
    assert sheet.count('t="s"') == 2 + 2 * len(DANGEROUS)
    for text in DANGEROUS:
        assert f"<t>{text}</t>" in strings.replace("&quot;", '"')


def test_a_workbook_reads_back_as_it_was(tmp_path: Path) -> None:
    show(pl.DataFrame({"value": [*DANGEROUS, "007", "2023-04-03"]}), Format.XLSX, tmp_path / "out.xlsx")
    read = pl.read_excel(tmp_path / "out.xlsx", infer_schema_length=0)
    assert read["value"].to_list() == [*DANGEROUS, "007", "2023-04-03"]


def test_standard_output_takes_bytes(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    show(FRAME, Format.XLSX, None)
    assert capfdbinary.readouterr().out.startswith(b"PK")


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    out = tmp_path / "deep" / "out.csv"
    show(FRAME, Format.CSV, out)
    assert [path.name for path in out.parent.iterdir()] == ["out.csv"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (".", "it is a directory"),
        ("none/out.csv", "there is no directory .*none"),
        ("file/out.csv", "there is no directory .*file"),
        ("x" * 300, "File name too long"),
        ("pipe", "it is not an ordinary file"),
    ],
)
def test_a_file_that_cannot_be_written_is_reported(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "file").write_text("stays", encoding="utf-8")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputRefused, match=rf"the file cannot be written \({reason}\)"):
        show(FRAME, Format.CSV, tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "pipe"]


def test_a_folder_that_cannot_be_written_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, content: bytes) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tables, "write_atomically", refuse)
    with pytest.raises(InputRefused, match=r"out\.csv: the file cannot be written \(Permission denied\)"):
        show(FRAME, Format.CSV, tmp_path / "out.csv")


def test_a_workbook_does_not_go_to_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    with pytest.raises(
        InputRefused, match="--format xlsx writes a workbook, which a terminal cannot show; name a file"
    ):
        show(FRAME, Format.XLSX, None)
