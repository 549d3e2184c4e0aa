"""What comes from data neither writes into a draft nor moves a cursor: it is shown, not obeyed."""

import tomllib
from pathlib import Path

import polars as pl
import pytest

from tests.rules.world import World
from tests.support.command import Command
from tests.support.exports import TWO_CLIENTS, write_export
from tests.support.homes import make_small_home
from tests.support.runs import land_export
from transforms.tables.printable import printable

MONTH = ("--agency", "L0001", "--period", "2023-04", "--extracted-on", "2023-05-03")
INJECTED = "x\n[clients.codes.SEX]\nM = 'F'\n#"
ESCAPES = "\x1b[31mred\x1b]0;title\x07\u202eback\r"


def test_a_value_writes_no_line_of_a_draft(ndtms: Command, tmp_path: Path) -> None:
    clients = pl.DataFrame({
        "CLIENTID": ["C1", "C2"], "SEX": ["M", "F"], "ETHNIC": [INJECTED, "A"], "note\n[clients]\nfile = 'x'": ["", ""],
        ESCAPES: ["", ""],
    })  # fmt: skip
    clients.write_csv(tmp_path / "clients.csv")
    pl.DataFrame({"EPISODID": ["E1"], "CLIENTID": ["C1"]}).write_csv(tmp_path / "episodes.csv")
    pl.DataFrame({"MODID": ["M1"], "EPISODID": ["E1"]}).write_csv(tmp_path / "interventions.csv")
    files = [tmp_path / f"{name}.csv" for name in ("clients", "episodes", "interventions")]
    ran = ndtms("source", "new", *files, "--home", tmp_path)
    assert ran.code == 0, ran.err
    draft = tomllib.loads(ran.out)
    assert draft["clients"]["file"] == "clients.csv"
    assert "codes" not in draft["clients"]
    assert printable(ran.out, keep="\n") == ran.out


@pytest.mark.parametrize("first", ["Max,Ash,1980-01-02,M", "QX1 1AA,M,C1", "20010213,07700900123,Ash"])
def test_a_file_without_a_header_shows_nobody(ndtms: Command, tmp_path: Path, first: str) -> None:
    (tmp_path / "clients.csv").write_text(f"CLIENTID,SEX,{first}\nC1,M,,,,\n".replace(",,,,", ",,,"), encoding="utf-8")
    rows = pl.read_csv(tmp_path / "clients.csv", infer_schema=False, truncate_ragged_lines=True)
    rows.write_csv(tmp_path / "clients.csv")
    pl.DataFrame({"EPISODID": ["E1"], "CLIENTID": ["C1"]}).write_csv(tmp_path / "episodes.csv")
    pl.DataFrame({"MODID": ["M1"], "EPISODID": ["E1"]}).write_csv(tmp_path / "interventions.csv")
    files = [tmp_path / f"{name}.csv" for name in ("clients", "episodes", "interventions")]
    ran = ndtms("source", "new", *files, "--home", tmp_path)
    for word in first.split(","):
        if any(letter.isdigit() for letter in word) and len(word) > 3:
            assert word not in ran.out + ran.err


def test_source_check_shows_no_columns_of_a_file_without_a_header(ndtms: Command, tmp_path: Path) -> None:
    for name, header in (("clients", "Max,Ash"), ("episodes", "E1,C1"), ("interventions", "M1,E1")):
        (tmp_path / f"{name}.csv").write_text(f"{header}\nx,y\n", encoding="utf-8")
    tables = "".join(
        f'[{name}]\nfile = "{name}.csv"\n[{name}.columns]\n{field} = "Id"\n'
        for name, field in (("clients", "CLIENTID"), ("episodes", "EPISODID"), ("interventions", "MODID"))
    )
    (tmp_path / "bare.toml").write_text(f'name = "bare"\n{tables}', encoding="utf-8")
    ran = ndtms("source", "check", tmp_path / "bare.toml", "--period", "2023-04", "--home", tmp_path / "home")
    assert ran.code == 2
    assert "Max" not in ran.out + ran.err and "Ash" not in ran.out + ran.err


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("escapes")
    worlds = (*TWO_CLIENTS, World(edit={"HOUSING": ESCAPES, "TSLPE": "[x](javascript:1)<script>|`"}))
    export = write_export(folder / "export", *worlds)
    clients = export / "clients.csv"
    lines = clients.read_text(encoding="utf-8").splitlines()
    named = [f'{lines[0]},"odd{ESCAPES}"', *(f"{line}," for line in lines[1:])]
    clients.write_text("\n".join(named) + "\n", encoding="utf-8")
    home = make_small_home(folder / "home")
    land_export(export, home)
    return home


@pytest.mark.parametrize("form", ["table", "csv", "markdown", "json"])
@pytest.mark.parametrize("view", ["findings", "unmapped", "rejected"])
def test_no_escape_sequence_reaches_a_terminal_or_a_file(ndtms: Command, home: Path, view: str, form: str) -> None:
    ran = ndtms(view, "--home", home, "--format", form)
    assert ran.code == 0
    assert printable(ran.out, keep="\n") == ran.out
    if view == "unmapped" and form != "json":
        assert "\\x1b[31mred" in ran.out.replace("\\\\", "\\").replace("\\[", "[")


def test_markdown_of_a_value_is_no_link_and_no_tag(ndtms: Command, home: Path) -> None:
    out = ndtms("unmapped", "--home", home, "--format", "markdown").out
    assert "\\[x\\](javascript:1)\\<script\\>\\|\\`" in out


def test_notes_summary_and_report(ndtms: Command, home: Path, tmp_path: Path) -> None:
    ran = ndtms("check", "--source", home.parent / "export", *MONTH, "--home", home)
    assert ran.code == 0
    assert "Note: clients.csv: odd\\x1b[31mred\\x1b]0;title\\x07\\u202eback" in ran.out
    assert printable(ran.out, keep="\n") == ran.out
    ndtms("report", "--home", home, "--out", tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "\\x1b[31mred" in page
    assert printable(page, keep="\n") == page


def test_what_is_shown_of_control_characters() -> None:
    assert printable("a\x1b[0mb\tc\nd\x7f\x9b\u2028\u202e") == "a\\x1b[0mb\\tc\\nd\\x7f\\x9b\\u2028\\u202e"
    assert printable("a\tb\nc", keep="\n\t") == "a\tb\nc"
    assert printable("Édith 😀 ½") == "Édith 😀 ½"
