"""The commands of the lists: their options, their notes, and what they never show."""

from pathlib import Path

import pytest

from tests.rules.world import RELEASED, TRANSFERRED, World
from tests.support.command import Command
from tests.support.exports import write_export
from tests.support.homes import make_small_home
from tests.support.runs import land_export

COMMANDS = ("due", "releases", "transfers", "figures")
OWN_COUNT = "ndtms: each number is the provider's own count from its landed submissions, not a statistic of NDTMS\n"
WORLDS = (World(edit={**RELEASED, "THNALOX": ""}), World(edit=TRANSFERRED), World())


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which March and April have landed."""
    folder = tmp_path_factory.mktemp("lists")
    home = make_small_home(folder / "home")
    for period in ("2023-03", "2023-04"):
        land_export(write_export(folder / period, *WORLDS), home, period)
    return home


@pytest.mark.parametrize("command", COMMANDS)
def test_a_list_shows_the_latest_month_or_the_one_asked_for(ndtms: Command, home: Path, command: str) -> None:
    for options, month in (((), "2023-04"), (("--period", "2023-03"), "2023-03")):
        ran = ndtms(command, *options, "--home", home, "--format", "csv")
        lines = ran.out.splitlines()
        assert ran.code == 0
        assert {line.split(",")[1] for line in lines[1:]} <= {month}
        assert len(lines) > 1 or (command == "releases" and month == "2023-04")
        assert ran.err == (OWN_COUNT if command == "figures" else "")


def test_an_unanswered_question_at_release_is_due(ndtms: Command, home: Path) -> None:
    [_, line] = ndtms("due", "--home", home, "--format", "csv").out.splitlines()
    assert line.startswith("L0001,2023-04,2023-04-30,exit questions,overdue,2023-03-01,C0000,R0000,E0000,,THNALOX,")


def test_no_list_shows_a_person(ndtms: Command, home: Path) -> None:
    for command in COMMANDS:
        out = ndtms(command, "--period", "2023-03", "--home", home, "--format", "json").out
        assert not [text for text in ("1970-01-0", "NR14", "Ann", '"person"') if text in out]


@pytest.mark.parametrize("command", COMMANDS)
def test_to_share_a_list_is_to_show_no_record_and_no_small_count(ndtms: Command, home: Path, command: str) -> None:
    ran = ndtms(command, "--for-sharing", "--period", "2023-03", "--home", home, "--format", "csv")
    header, *lines = ran.out.splitlines()
    assert ran.err == OWN_COUNT
    assert lines
    assert all("own count of the provider" in line for line in lines)
    assert "_id" not in header
    # Three clients: every count is small.
    assert all(",,," in line for line in lines)


@pytest.mark.parametrize("command", COMMANDS)
def test_without_a_landed_run(ndtms: Command, home: Path, command: str) -> None:
    options = ("--agency", "L0009", "--period", "2023-04", "--as-of", "2023-04-30")
    ran = ndtms(command, *options, "--home", home, "--format", "csv")
    assert (ran.code, len(ran.out.splitlines())) == (0, 1)
    message = "the audit has no landed run of L0009 in 2023-04 up to 2023-04-30; `ndtms runs` lists all runs"
    assert ran.err.startswith(f"ndtms: {message}\n")


def test_a_workbook(ndtms: Command, home: Path, tmp_path: Path) -> None:
    assert ndtms("figures", "--home", home, "--out", tmp_path / "figures.xlsx").code == 0
    assert (tmp_path / "figures.xlsx").read_bytes().startswith(b"PK")
