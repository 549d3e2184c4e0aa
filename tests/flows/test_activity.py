"""Every command that may take longer than two seconds shows on a terminal what it does."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console
from rich.status import Status

from tests.support.command import Command
from tests.support.exports import TWO_CLIENTS, write_export
from tests.support.homes import make_small_home
from tests.support.runs import land_export

RUN = "L0001-2023-04-1"
MONTH = ("--agency", "L0001", "--period", "2023-04", "--extracted-on", "2023-05-03")
QUERYING = "querying the audit"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an export and a home with its run."""
    folder = tmp_path_factory.mktemp("activity")
    land_export(write_export(folder / "export", *TWO_CLIENTS), make_small_home(folder / "home"))
    return folder


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the commands of a test show while they work, on a terminal that nobody looks at."""
    texts: list[str] = []

    @contextmanager
    def record(console: Console, text: str) -> Iterator[Status]:
        texts.append(text)
        yield Status(text, console=console)

    monkeypatch.setattr("flows.cli.terminal._is_terminal", lambda: True)
    monkeypatch.setattr(Console, "is_terminal", True)
    monkeypatch.setattr(Console, "status", record)
    return texts


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("check", "--source", "export", *MONTH), "checking L0001 2023-04"),
        (("submit", "--source", "export", *MONTH), "submitting L0001 2023-04"),
        (("replay", "--run", RUN, "--input", "missing"), f"reading the corrections of {RUN}"),
        (("source", "check", "export", "--period", "2023-04"), "reading export"),
        (("source", "new", "export"), "reading the export"),
        (("reference", "load", "missing.csv"), "reading missing.csv"),
        (("reference", "diff", "missing.csv"), "reading missing.csv"),
        (("upgrade",), "upgrading the audit"),
        (("explain", "SEX.required"), "explaining SEX.required"),
        (("report", "--out", "report.html"), "writing the report"),
        (("compare", RUN, RUN), QUERYING),
        (("findings",), QUERYING),
        (("worklist",), QUERYING),
        (("status",), QUERYING),
        (("due",), QUERYING),
        (("ask", "rows-lost"), QUERYING),
        (("sql", "select 1"), QUERYING),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_command_shows_what_it_does(
    ndtms: Command,
    place: Path,
    shown: list[str],
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    text: str,
) -> None:
    monkeypatch.chdir(place)
    ndtms(*words, "--home", "home")
    assert text in shown
