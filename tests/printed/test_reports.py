"""What a run shows: its summary, as text and as Markdown, and its HTML report."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from flows.landing.commit import land
from flows.landing.home import locked_home
from flows.reports.summary import as_markdown, summarise
from tests.rules.world import World
from tests.support.command import Command
from tests.support.exports import ONE_WITHOUT_CONSENT, TWO_CLIENTS, write_export
from tests.support.homes import make_small_home
from tests.support.runs import STARTED_AT, assess_request, build_request, land_export
from tests.support.snapshots import describe_run, normalise

pytestmark = pytest.mark.slow

APRIL = ("--agency", "L0001", "--period", "2023-04", "--extracted-on", "2023-05-03")
MAY = ("--agency", "L0001", "--period", "2023-05", "--extracted-on", "2023-06-03")

# A value that matches no code, a client that differs from the month before, and one that is rejected as before.
CHANGED = (World(edit={"SEX": "F", "HOUSING": "palace"}, interventions=({"MODID": "N@"},)), TWO_CLIENTS[1])
WORLDS = {"landed": TWO_CLIENTS, "blocked": ONE_WITHOUT_CONSENT}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_small_home(tmp_path / "home")


@pytest.fixture
def names(tmp_path: Path, home: Path) -> Mapping[Path, str]:
    return {home: "<home>", tmp_path / "export": "<export>", tmp_path: "<folder>"}


@pytest.mark.parametrize("status", WORLDS)
@pytest.mark.parametrize("command", ["submit", "check"])
def test_summary(
    ndtms: Command, snapshot: SnapshotAssertion, home: Path, names: Mapping[Path, str], command: str, status: str
) -> None:
    export = write_export(home.parent / "export", *WORLDS[status])
    words = (command, "--source", export, *APRIL, "--home", home)
    assert describe_run(words, ndtms(*words), names) == snapshot


def test_summary_of_a_second_month(
    ndtms: Command, snapshot: SnapshotAssertion, home: Path, names: Mapping[Path, str]
) -> None:
    land_export(write_export(home.parent / "export", *TWO_CLIENTS), home)
    (home / "settings.toml").write_text('[severities]\n"SEX.required" = "warning"\n', encoding="utf-8")
    export = write_export(home.parent / "export", *CHANGED)
    words = ("submit", "--source", export, *MAY, "--home", home)
    assert describe_run(words, ndtms(*words), names) == snapshot


def test_summary_of_a_month_with_later_months(
    ndtms: Command, snapshot: SnapshotAssertion, home: Path, names: Mapping[Path, str]
) -> None:
    export = write_export(home.parent / "export", *TWO_CLIENTS)
    land_export(export, home)
    land_export(write_export(home.parent / "may", *CHANGED), home, "2023-05")
    words = ("submit", "--source", export, *APRIL, "--home", home)
    assert describe_run(words, ndtms(*words), names) == snapshot


@pytest.mark.parametrize("status", ["landed", "blocked", "checked"])
def test_markdown(snapshot: SnapshotAssertion, home: Path, names: Mapping[Path, str], status: str) -> None:
    export = write_export(home.parent / "export", *WORLDS.get(status, TWO_CLIENTS))
    assessment = assess_request(build_request(export, home))
    with locked_home(home):
        landed = land(assessment, STARTED_AT) if status != "checked" else None
    assert normalise(as_markdown(summarise(assessment, landed)), names) == snapshot


@pytest.mark.parametrize("status", WORLDS)
def test_html_report(
    ndtms: Command, snapshot: SnapshotAssertion, home: Path, names: Mapping[Path, str], status: str
) -> None:
    land_export(write_export(home.parent / "export", *WORLDS[status]), home)
    ran = ndtms("report", "--home", home)
    assert (ran.code, ran.err) == (0, "")
    assert normalise(Path(ran.out.strip()).read_text(encoding="utf-8"), names) == snapshot


@pytest.mark.parametrize("number", [8, 1])
def test_html_report_for_sharing(
    ndtms: Command, snapshot: SnapshotAssertion, home: Path, names: Mapping[Path, str], number: int
) -> None:
    worlds = [*[World(interventions=({"MODID": "N@"},))] * 3 * number, *[World(edit={"SEX": ""})] * 2 * number]
    land_export(write_export(home.parent / "export", *worlds), home)
    ran = ndtms("report", "--for-sharing", "--home", home)
    page = normalise(Path(ran.out.strip()).read_text(encoding="utf-8"), names)
    assert describe_run(("report", "--for-sharing", "--home", home), ran, names) + page == snapshot
