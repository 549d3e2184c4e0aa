"""Files that a rule of the file blocks until a reason is given, and files that were extracted early."""

import re
from pathlib import Path

import pytest

from tests.rules.world import World
from tests.support.command import Command
from tests.support.exports import write_export
from tests.support.homes import make_small_home, query_audit
from tests.support.runs import land_export

MONTH = ("--period", "2023-04", "--agency", "L0001", "--extracted-on", "2023-05-03")
SHRUNK, STALE = ("--accept-shrunk", "a wing was closed"), ("--accept-stale", "no treatment in April")
# With fewer episodes, a month without a date is possible.
EPISODES = 30


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_small_home(tmp_path / "home")


@pytest.fixture
def stale(tmp_path: Path) -> Path:
    """An export with enough episodes and no date in April 2023."""
    return write_export(tmp_path / "stale", *[World() for _ in range(EPISODES)])


def land_many(folder: Path, home: Path) -> None:
    """Lands a month with more than twice the rows, so that the next one has shrunk."""
    worlds = [World(interventions=({"MODID": "N@"}, {"MODID": "O@"})) for _ in range(EPISODES)]
    land_export(write_export(folder / "many", *worlds), home, "2023-01")


@pytest.mark.parametrize("command", ["check", "submit"])
def test_a_stale_file_is_landed_with_a_reason(ndtms: Command, stale: Path, home: Path, command: str) -> None:
    words = (command, "--source", stale, *MONTH, "--home", home)
    blocked = ndtms(*words)
    assert (blocked.code, "Blocked by FILE.stale" in blocked.out) == (3, True)
    assert ndtms(*words, *SHRUNK).code == 3
    landed = ndtms(*words, *STALE)
    assert landed.code == 0
    assert "Blocked" not in landed.out
    assert re.search(f"^Accepted: FILE.stale: .+ Reason: {STALE[1]}$", landed.out, re.MULTILINE)


def test_each_option_applies_to_its_own_rule(ndtms: Command, stale: Path, home: Path, tmp_path: Path) -> None:
    land_many(tmp_path, home)
    words = ("check", "--source", stale, *MONTH, "--home", home)
    assert [ndtms(*words, *more).code for more in ((), SHRUNK, STALE, (*SHRUNK, *STALE))] == [3, 3, 3, 0]


def test_the_findings_stay_and_the_reasons_are_stored(ndtms: Command, stale: Path, home: Path, tmp_path: Path) -> None:
    land_many(tmp_path, home)
    assert ndtms("submit", "--source", stale, *MONTH, "--home", home, *SHRUNK, *STALE).code == 0
    of_run = "run_id = 'L0001-2023-04-1'"
    accepted = f"select status, shrink_accepted, stale_accepted from runs where {of_run}"
    assert query_audit(home, accepted) == [("landed", SHRUNK[1], STALE[1])]
    kept = f"select rule, severity from findings where {of_run} and entity = 'file' order by rule"
    assert query_audit(home, kept) == [("FILE.shrunk", "file"), ("FILE.stale", "file")]


@pytest.mark.parametrize("option", ["--accept-shrunk", "--accept-stale"])
def test_a_reason_is_required(ndtms: Command, stale: Path, home: Path, option: str) -> None:
    ran = ndtms("check", "--source", stale, *MONTH, "--home", home, option, " ")
    assert (ran.code, ran.out) == (2, "")
    assert f"{option} is empty; give a reason" in ran.err


def test_a_small_file_without_a_date_of_the_month_is_landed(ndtms: Command, home: Path, tmp_path: Path) -> None:
    small = write_export(tmp_path / "small", *[World() for _ in range(EPISODES - 1)])
    assert ndtms("check", "--source", small, *MONTH, "--home", home).code == 0


@pytest.mark.parametrize(("day", "is_early"), [("2023-04-29", True), ("2023-04-30", False), ("2023-05-01", False)])
def test_an_early_extract_is_a_warning(ndtms: Command, home: Path, tmp_path: Path, day: str, is_early: bool) -> None:
    export = write_export(tmp_path / "export", World())
    words = ("--period", "2023-04", "--agency", "L0001", "--extracted-on", day, "--home", home)
    assert ndtms("submit", "--source", export, *words).code == 0
    found = query_audit(home, "select severity, value, source_line from findings where rule = 'FILE.early'")
    assert found == ([("warning", day, None)] if is_early else [])
