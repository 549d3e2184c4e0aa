"""The format of the submission file that a site loads: what it changes, what is recorded, and what is refused."""

from pathlib import Path

import pytest

from flows.reference.file_format import load_format_in_force, read_format, store_format
from flows.reports.summary import as_text, summarise
from flows.support.errors import InputRefused
from schemas.dataset import ENTITIES, list_entity_fields
from schemas.submission_file import load_file_format
from tests.rules.world import World
from tests.support.command import Command
from tests.support.exports import write_export
from tests.support.homes import make_small_home, query_audit
from tests.support.runs import assess_request, build_request, land_export

FORMAT = """
name = "{agency}_{first_day:%m%Y}.txt"
date_format = "%d/%m/%Y"
delimiter = "|"
quoting = "always"
line_end = "\\n"
"""
REVERSED = [field.header for entity in reversed(ENTITIES) for field in reversed(list_entity_fields(entity))]
DIGEST = "select digest from manifest where item = 'file format' order by run_id"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_small_home(tmp_path / "home")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return write_export(tmp_path / "export", World())


def write(folder: Path, text: str) -> Path:
    path = folder / "format.toml"
    path.write_text(text, encoding="utf-8")
    return path


def load(home: Path, text: str) -> list[str]:
    return store_format(home, read_format(write(home, text)))


def test_the_format_of_the_project_is_in_force_until_another_is_loaded(home: Path) -> None:
    assert load_format_in_force(home) == load_file_format()
    load(home, FORMAT)
    assert load_format_in_force(home).delimiter == "|"
    assert not load_format_in_force(home).confirmed
    assert (home / "reference" / "file-format-000001.json").is_file()


def test_the_file_is_written_in_the_loaded_format(home: Path, export: Path) -> None:
    load(home, FORMAT)
    path = land_export(export, home).output_path
    assert path == home / "submissions/L0001/L0001_042023.txt"
    content = path.read_bytes()
    assert content.startswith(b'"CLIENTID"|"FINITIAL"')
    assert b'"10/01/2023"' in content
    assert content.endswith(b'"\n') and b"\r" not in content


def test_columns_have_the_order_of_the_format(home: Path, export: Path) -> None:
    before = land_export(export, home).output_path
    assert before is not None
    rows = [line.split(",") for line in before.read_text(encoding="utf-8").splitlines()]
    load(home, f"columns = {REVERSED}")
    after = land_export(export, home).output_path
    assert after is not None
    changed = [line.split(",") for line in after.read_text(encoding="utf-8").splitlines()]
    assert changed[0] == REVERSED
    assert [dict(zip(changed[0], row, strict=True)) for row in changed[1:]] == [
        dict(zip(rows[0], row, strict=True)) for row in rows[1:]
    ]


def test_the_manifest_has_the_digest_of_the_format_and_a_repeated_run_the_same_bytes(home: Path, export: Path) -> None:
    land_export(export, home)
    for _ in range(2):
        load(home, FORMAT)
        land_export(export, home)
    (shipped,), (first,), (second,) = query_audit(home, DIGEST)
    assert first == second != shipped
    (output,) = set(query_audit(home, "select output_sha256 from runs where output_path like '%.txt'"))
    assert output


@pytest.mark.parametrize("line", ["", f"columns = {REVERSED}", 'quoting = "always"'])
def test_any_change_changes_the_digest(home: Path, export: Path, line: str) -> None:
    land_export(export, home)
    load(home, line)
    land_export(export, home)
    (before,), (after,) = query_audit(home, DIGEST)
    assert (before == after) == (line == "")


def test_a_format_is_reported_until_it_is_confirmed(home: Path, export: Path) -> None:
    request = build_request(export, home)
    load(home, FORMAT)
    assert "The file format is not confirmed: compare it with" in as_text(summarise(assess_request(request)))
    load(home, FORMAT + "confirmed = true")
    assert "The file format" not in as_text(summarise(assess_request(request)))


def test_what_is_loaded_is_shown_with_what_it_replaces(home: Path, ndtms: Command) -> None:
    shown = ndtms("reference", "format", write(home, 'date_format = "%d/%m/%Y"\nconfirmed = true'), "--home", home)
    assert shown.out.splitlines()[0] == "the file format is in force, confirmed"
    assert "  date_format: '%d/%m/%Y' instead of '%Y-%m-%d'" in shown.out
    assert "  delimiter: ','\n" in shown.out


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ('colour = "red"', "colour is not a key of a file format; allowed: columns, confirmed, date_format"),
        ('confirmed = "yes"', "confirmed: must be true or false"),
        ("name = 1", "name: must be a text in quotes"),
        ("delimiter = 1", "delimiter: must be a text in quotes"),
        ('delimiter = "a"', "delimiter: must be a comma, a semicolon, a vertical bar or a tab"),
        ('quoting = "some"', "quoting: must be 'necessary', 'always' or 'never'"),
        ('line_end = "\\r"', "line_end: must be "),
        ('date_format = "%d %B %Y"', "date_format: must have %d, %m and %Y once each"),
        ('date_format = "%d%d%m%Y"', "date_format: must have %d, %m and %Y once each"),
        ('name = "{agency}.csv"', "name: must contain {agency} and a day of the month"),
        ('name = "{agency}{first_day:%d}.csv"', "name: must contain {agency} and a day of the month"),
        ('name = "{agency.__class__}{first_day}.csv"', "name: must contain {agency} and a day of the month"),
        ('name = "{agency"', "name: must contain {agency} and a day of the month"),
        ('name = "../{agency}{first_day}.csv"', "name: must be the name of a file, without a folder"),
        ('name = "{agency}-{first_day:%d/%m/%Y}.csv"', "name: must be the name of a file, without a folder"),
        ('columns = "CLIENTID"', "columns: must be a list of texts"),
        ('columns = ["COLOUR"]', "columns: COLOUR is not a field of the dataset"),
        ('columns = ["SEX", "SEX"]', "columns: SEX occurs twice"),
        (f"columns = {REVERSED[1:]}", "columns: must have all 70 fields; missing: MODEND"),
        (f"columns = {[*REVERSED[1:], REVERSED[0]]}", "columns: the fields of clients, of episodes and of"),
        ("name", "the file format cannot be read as TOML"),
    ],
)  # fmt: skip
def test_a_format_that_is_wrong_is_refused(tmp_path: Path, text: str, reported: str) -> None:
    with pytest.raises(InputRefused) as caught:
        read_format(write(tmp_path, text))
    assert reported in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "format.toml"))
