"""No text that is planted in an export, a mapping, settings or the environment gets where it must not be.

Every command runs on the planted export, on success and on failures. Then every file that any of them left is searched:
in homes, in the directories of the user, of temporary files and of Prefect, and what was printed.
"""

import gzip
import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import duckdb
import polars as pl
import pytest
import typer
import xlsxwriter
from typer.core import TyperGroup

from flows.cli.app import build_app
from flows.deploy import FLOWS
from tests.privacy.all_commands import SERVED, list_sessions, prepare
from tests.privacy.planted import find_planted, plant
from tests.privacy.searching import search
from tests.privacy.sessions import Command, run_session


@dataclass(frozen=True)
class Allowed:
    """Where kinds of planted texts may be, and why."""

    kinds: str
    places: tuple[str, ...]
    reason: str


_AUDITS = ("*/audit.duckdb", "*/audit-snapshot.duckdb")
_REPORTS = ("*/reports/L000?/*.html", "*/reports/L000?-*.html", "asked/report.html")


def _list_outputs(*views: str) -> tuple[str, ...]:
    return tuple(f"output/{view}{of}.out" for view in views for of in ("", " encrypted"))


# Not in the list, so nowhere: names, full postcodes, columns that are not mapped, secrets, and the titles, words and
# blanks of mappings.  `given` has what the commands read.
ALLOWED = (
    Allowed("birthday id", (*_AUDITS, "*/submissions/L0001/*", *_list_outputs("sql")), "it is sent"),
    Allowed("birthday id", ("killed/.landing/*",), "a run in progress, which the next command clears"),
    Allowed("id", ("asked/findings.xlsx", "asked/worklist.xlsx"), "written with --out, to find the record"),
    Allowed(
        "id", _list_outputs("changes", "due", "findings", "rejected", "worklist"),
        "people find the record by it",
    ),
    Allowed("word other", (*_AUDITS, *_REPORTS), "words of coded fields that match no code"),
    Allowed("word", ("killed/.landing/*",), "a run in progress, which the next command clears"),
    Allowed("word other", ("asked/findings.xlsx", "asked/worklist.xlsx"), "written with --out"),
    Allowed(
        "word other",
        _list_outputs("changes", "findings", "rejected", "unmapped", "worklist"),
        "words of coded fields that match no code",
    ),
    Allowed(
        "word", ("output/check*.out", "output/submit*.out", "output/flow.out", *_list_outputs("explain")),
        "the summary of the agency's own month",
    ),
    Allowed("word", ("output/duplicate ids.out", "output/postcode as id.out"), "the summary of the agency's own month"),
    Allowed("other", ("output/submit other.out",), "the summary of the other agency's month"),
    Allowed("word other withheld", ("output/source check.out",), "it describes an export before consent is known"),
    Allowed("file", (*_AUDITS, *_REPORTS, "asked/*.xlsx", "killed/.landing/*"), "where the record is"),
    Allowed("file", ("output/*.out", "output/*.err"), "a message names the place"),
    Allowed("sheet header", ("output/source new shown.out",), "a draft names what it reads, and what it leaves out"),
    Allowed("header", ("output/source check.out", "output/no column.err"), "the columns that a mapping can name"),
    Allowed("agency", ("*/settings.toml", "*/reports/*.html", "asked/report.html"), "the name of the agency"),
    Allowed("agency", ("output/settings.out", "output/status.out", "prefect/prefect.db*"), "the name of the agency"),
    Allowed("comment", ("*/settings.toml", "output/unreadable settings.err"), "the settings, and a key that is wrong"),
    Allowed("codelabel", ("*/reference/*", "output/reference *"), "a code list, which has no records"),
    Allowed("codelabel", ("references/audit*.duckdb", "references/reports/L0001/*.html"), "the lists in force"),
    Allowed("described", ("output/deploy.out", "output/deploy preview.out", "prefect/prefect.db*"), "a deployment"),
    Allowed("reason", (*_AUDITS, *_REPORTS), "why somebody accepted a finding"),
)  # fmt: skip


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    """The directory below which everything ran, and the exit codes that are not those expected."""
    root = tmp_path_factory.mktemp("planted")
    prepare(root)
    wrong: dict[str, int] = {}
    for name, commands in list_sessions(root).items():
        codes = run_session(root, name, commands, is_served=name == SERVED)
        wrong |= {command.name: codes[command.name] for command in commands if codes[command.name] != command.code}
    return root, wrong


def test_every_command_ends_as_expected(ran: tuple[Path, dict[str, int]]) -> None:
    """Otherwise nothing that it could have written is searched."""
    assert ran[1] == {}


def test_planted_texts_are_where_they_may_be_and_nowhere_else(ran: tuple[Path, dict[str, int]]) -> None:
    found = {(kind, name) for (name, _), kinds in search(ran[0], "given").items() for kind in kinds}
    used = {
        (kind, place): {(kind, name) for found_kind, name in found if found_kind == kind and fnmatchcase(name, place)}
        for allowed in ALLOWED
        for kind in allowed.kinds.split()
        for place in allowed.places
    }
    assert found - set().union(*used.values()) == set()
    # A place in which nothing is found any more, or is not looked for, is removed from the list.
    idle = [
        (allowed.kinds, allowed.places)
        for allowed in ALLOWED
        if not any(used[kind, place] for kind in allowed.kinds.split() for place in allowed.places)
    ]
    assert idle == []


def test_no_command_and_no_flow_is_forgotten(tmp_path: Path) -> None:
    listed = [command for commands in list_sessions(tmp_path).values() for command in commands]
    works = [command for command in listed if command.parameters is None and command.code in (0, 3)]
    used = {words for command in works for words in _name_command(command)}
    assert [words for words in _list_commands() if words not in used] == []
    for is_failure in (False, True):
        flows = {
            command.words[0]
            for command in listed
            if command.parameters is not None and bool(command.code) == is_failure
        }
        assert flows == FLOWS.keys()


def _name_command(command: Command) -> set[str]:
    """Returns the first word of a command, and the first two, as one of them is its name."""
    return {" ".join(map(str, command.words[:number])) for number in (1, 2)}


def _list_commands() -> list[str]:
    """Returns the words of every command, with those of a group: `reference load`."""
    groups = typer.main.get_command(build_app())
    assert isinstance(groups, TyperGroup)
    return [
        f"{name} {word}".strip()
        for name, command in groups.commands.items()
        for word in (command.commands if isinstance(command, TyperGroup) else [""])
    ]


def test_the_notifications_were_received(ran: tuple[Path, dict[str, int]]) -> None:
    """Otherwise no text of one is searched."""
    received = json.loads((ran[0] / "output" / f"notifications {SERVED}.json").read_text(encoding="utf-8"))
    subjects = {message["subject"] for message in received}
    assert subjects == {"NDTMS: failed", "NDTMS: blocked", "NDTMS: not landed yet"}


def test_nothing_of_an_encrypted_audit_can_be_read(ran: tuple[Path, dict[str, int]]) -> None:
    audits = [path for path in (ran[0] / "encrypted").iterdir() if ".duckdb" in path.name]
    assert {path.name for path in audits} >= {"audit.duckdb", "audit-snapshot.duckdb"}
    assert {path.name: find_planted(path.read_bytes()) for path in audits} == {path.name: set() for path in audits}


def test_every_kind_was_planted(ran: tuple[Path, dict[str, int]]) -> None:
    planted = {kind for kinds in search(ran[0] / "given").values() for kind in kinds}
    assert planted >= {
        "name", "birthday", "postcode", "note", "withheld", "word", "other", "id", "header", "file", "sheet", "title",
        "comment", "label", "blank", "codelabel", "described", "secret",
    }  # fmt: skip


def test_the_directories_of_the_user_and_of_temporary_files_are_left_empty(ran: tuple[Path, dict[str, int]]) -> None:
    assert [path for name in ("user", "temporary") for path in (ran[0] / name).rglob("*") if path.is_file()] == []


NAME = plant("name", "anywhere")


def _write_workbook(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write(0, 0, NAME)


def _write_duckdb(path: Path) -> None:
    with duckdb.connect(str(path)) as audit:
        audit.execute("create table cells as select ? || range as text from range(1000)", [f"{NAME} "])


def _write_sqlite(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("create table cells (text)")
        database.execute("insert into cells values (?)", [NAME])
    database.close()


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("audit.duckdb", _write_duckdb),
        ("prefect.db", _write_sqlite),
        ("worklist.xlsx", _write_workbook),
        ("table.parquet", lambda path: pl.DataFrame({"text": [NAME] * 1000}).write_parquet(path)),
        ("command.err", lambda path: path.write_text(NAME.upper())),
        ("utf-16.csv", lambda path: path.write_text(NAME, encoding="utf-16")),
        ("table.csv.gz", lambda path: path.write_bytes(gzip.compress(NAME.encode()))),
        (f"{NAME}.txt", lambda path: path.touch()),
        (f"{NAME}", lambda path: path.mkdir()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_planted_text_is_found_in_each_kind_of_file(
    name: str, write: Callable[[Path], object], tmp_path: Path
) -> None:
    write(tmp_path / name)
    assert {kind for kinds in search(tmp_path).values() for kind in kinds} == {"name"}


@pytest.mark.parametrize("text", ["23 jul 1961", "1961-07-23T00:00", "nr14 7uj", "NR147UJ"])
def test_a_birthday_and_a_postcode_are_found_in_any_form(text: str, tmp_path: Path) -> None:
    (tmp_path / "file.log").write_text(f"... {text} ...")
    assert [*search(tmp_path).values()] in ([{"birthday"}], [{"postcode"}])
