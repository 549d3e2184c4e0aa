"""Homes and everything in them can be read by their account alone, whatever the umask and whoever comes first."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.support.exports import TWO_CLIENTS, write_export

MONTH = ("--agency", "L0001", "--period", "2023-04", "--extracted-on", "2023-05-03")


def modes(folder: Path) -> dict[str, str]:
    """What others may do with a folder and with everything in it, where they may do anything."""
    every = [folder, *folder.rglob("*")]
    return {str(path): oct(path.stat().st_mode & 0o777) for path in every if path.stat().st_mode & 0o077}


def run(script: str, tmp_path: Path) -> None:
    """Runs Python in a process of its own, whose umask lets everybody read and write."""
    done = subprocess.run(
        [sys.executable, "-c", "import os\nos.umask(0)\n" + textwrap.dedent(script)],
        env=os.environ | {"PREFECT_HOME": str(tmp_path / "prefect")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def command(*words: object) -> str:
    return f"""
        import sys
        from flows import cli
        sys.argv = ["ndtms", *{list(map(str, words))!r}]
        try:
            cli.run()
        except SystemExit as left:
            assert not left.code, left.code
    """


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "srv" / "home"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return write_export(tmp_path / "export", *TWO_CLIENTS)


def test_whatever_commands_write(export: Path, home: Path, tmp_path: Path) -> None:
    run(command("submit", "--source", export, *MONTH, "--home", home), tmp_path)
    run(command("report", "--home", home), tmp_path)
    run(command("rejected", "--home", home, "--format", "xlsx", "--out", home / "rejected.xlsx"), tmp_path)
    span = ("--from", "2023-04", "--to", "2023-04", "--extracted-on", "2023-05-04", "--workers", "1")
    run(command("backfill", "--source", export, "--agency", "L0001", *span, "--home", home), tmp_path)
    names = {path.name for path in home.rglob("*")}
    assert {
        "audit.duckdb",
        "audit-snapshot.duckdb",
        "L0001-2023-04-1.html",
        "2023-04.html",
        "rejected.xlsx",
        ".lock",
    } <= names
    assert modes(home.parent) == {}
    run(command("forget", "--superseded", "--reason", "schedule", "--home", home), tmp_path)
    assert modes(home.parent) == {}


def test_the_reminder_that_comes_first_makes_a_private_home(home: Path, tmp_path: Path) -> None:
    run(
        f"""
        from flows.reminder import reminder
        from flows import reminder as module
        from datetime import UTC, datetime
        from flows.support.notifications import Notifier
        module.load_notifier = lambda: Notifier(lambda *_: None, datetime.now(UTC))
        assert reminder.fn(["L0001"], 15, {str(home)!r}, "2023-05-12") == ["L0001 2023-04"]
        """,
        tmp_path,
    )
    assert (home / "reminders" / "L0001-2023-04").exists()
    assert modes(home.parent) == {}


def test_a_home_that_a_person_opened_stays_open(export: Path, home: Path, tmp_path: Path) -> None:
    home.mkdir(parents=True)
    home.chmod(0o750)
    run(command("submit", "--source", export, *MONTH, "--home", home), tmp_path)
    assert home.stat().st_mode & 0o777 == 0o750
