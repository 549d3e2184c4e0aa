"""`ndtms report --for-sharing` on runs that landed: the file, what it names, and what differs with small counts."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from flows.landing.commit import record_failure
from flows.reports.html import report_for_sharing
from tests.rules.world import World
from tests.sharing.attacker import ENTITIES, SMALL, SharedPage
from tests.support.command import Command
from tests.support.exports import write_export
from tests.support.homes import make_small_home, query_audit
from tests.support.runs import STARTED_AT, build_request, land_export

pytestmark = pytest.mark.slow

APRIL = ("--agency", "L0001", "--period", "2023-04", "--extracted-on", "2023-05-03")
MONTHLY, OWN = Path("reports/L0001/2023-04.html"), Path("reports/L0001-2023-04-1.html")
SHARED = Path("reports/L0001-2023-04-1-for-sharing.html")
CLEAN, WITHHELD, REJECTED = (
    World(interventions=({"MODID": "N@"},)),
    World(edit={"CONSENT": "N"}),
    World(edit={"SEX": ""}),
)
ODD = World(edit={"HOUSING": "Xanthippe", "CLIENT": "Xanthippe@"})


def make_home(folder: Path, *worlds: World) -> Path:
    """Lands April of an export in a home."""
    home = make_small_home(folder / "home")
    land_export(write_export(folder / "export", *worlds), home)
    return home


def count_outcomes(home: Path) -> dict[str, list[str]]:
    """Returns what a page may show of the outcomes, counted in the audit in the plainest way."""
    found = {}
    for entity in ENTITIES:
        counts = [
            len(query_audit(home, f"from outcomes where entity || 's' = '{entity}' and outcome = '{outcome}'"))
            for outcome in ("sent", "rejected", "withheld")
        ]
        cells = [f"{count:,}" if count not in SMALL else "under 5" for count in counts]
        found[entity] = [*cells, f"{sum(counts):,}" if not set(SMALL) & set(counts) else "not shown"]
    return found


@pytest.mark.parametrize(
    ("others", "fields"), [([WITHHELD] * 6 + [REJECTED] * 12, 3), ([WITHHELD] * 2, 3), ([REJECTED] * 3, 0), ([], 3)]
)
def test_the_counts_are_those_of_the_audit(tmp_path: Path, others: Sequence[World], fields: int) -> None:
    home = make_home(tmp_path, *[CLEAN] * 30, ODD, *others)
    page = SharedPage(report_for_sharing(home, None)[0])
    assert page.outcomes == count_outcomes(home)
    assert len(page.completeness) == fields
    # Twelve are rejected: five or more have the fault, and five or more may have another.
    assert page.faults == ([5] if others.count(REJECTED) == 12 else [])


@pytest.mark.parametrize("other", [WITHHELD, REJECTED])
def test_a_page_is_the_same_for_one_record_as_for_four(tmp_path: Path, other: World) -> None:
    pages = set()
    for number in SMALL:
        (tmp_path / str(number)).mkdir()
        home = make_home(tmp_path / str(number), *[CLEAN] * 25, *[other] * number)
        pages.add(report_for_sharing(home, None)[0])
    assert len(pages) == 1
    assert "under 5" in pages.pop()


@pytest.mark.parametrize("number", [1, 4, 5])
def test_the_state_of_a_small_month_is_hidden(tmp_path: Path, number: int) -> None:
    page = report_for_sharing(make_home(tmp_path, *[World()] * number), None)[0]
    assert ("Fewer than 5 interventions can be sent." in page) == (number < 5)
    assert ("State not shown" in page) == (number < 5)


def test_no_value_id_path_or_reason_is_on_the_page(ndtms: Command, tmp_path: Path) -> None:
    home = make_small_home(tmp_path / "home")
    for number, worlds in enumerate(([CLEAN] * 30, [ODD, *[CLEAN] * 6, *[REJECTED] * 3])):
        export = write_export(tmp_path / "Ferdinand", *worlds)
        period = f"2023-0{4 + number}"
        words = ("--source", export, "--agency", "L0001", "--period", period, "--extracted-on", "2023-06-03")
        accepted = ("--accept-shrunk", "Xanthippe was released", "--accept-stale", "Xanthippe is away")
        assert ndtms("submit", *words, *accepted, "--home", home).code == 0
    whole = ndtms("report", "--home", home, "--out", tmp_path / "whole.html")
    shared = ndtms("report", "--for-sharing", "--home", home, "--out", tmp_path / "shared.html")
    assert (whole.code, shared.code) == (0, 0)
    page = (tmp_path / "shared.html").read_text(encoding="utf-8")
    secrets = {"Xanthippe", "Ferdinand", "TREAT-IN-R", ".csv", "L0001-2023", str(tmp_path), "was released"}
    # A secret that the whole report has not would be no test.
    assert all(secret in (tmp_path / "whole.html").read_text(encoding="utf-8") for secret in secrets - {str(tmp_path)})
    assert {secret for secret in secrets if secret in page} == set()
    ids = "select distinct unnest([client_id, episode_id, intervention_id]) as id from outcomes"
    named = {str(found) for (found,) in query_audit(home, f"select id from ({ids}) where id is not null")}
    assert len(named) > 100
    assert named & set(re.findall(r"\w+", page)) == set()
    assert not re.search(r"\b[0-9a-f]{40,}\b", page)


def test_the_reason_of_a_failure_is_not_on_the_page(tmp_path: Path) -> None:
    home = make_small_home(tmp_path / "home")
    export = write_export(tmp_path / "export", World())
    run_id = record_failure(build_request(export, home), "Xanthippe is in the way", STARTED_AT)
    page, _ = report_for_sharing(home, run_id)
    assert "The run failed, so nothing was sent." in page
    assert "Xanthippe" not in page


def test_no_report_replaces_the_other(ndtms: Command, tmp_path: Path) -> None:
    home = make_small_home(tmp_path / "home")
    export = write_export(tmp_path / "export", *[CLEAN] * 6)
    assert ndtms("submit", "--source", export, *APRIL, "--home", home).code == 0
    for words, file in (((), OWN), (("--for-sharing",), SHARED), ((), OWN)):
        ran = ndtms("report", *words, "--home", home)
        assert (ran.code, ran.out) == (0, f"{home / file}\n")
    assert "For sharing</title>" in (home / SHARED).read_text(encoding="utf-8")
    assert all("For sharing" not in (home / file).read_text(encoding="utf-8") for file in (OWN, MONTHLY))


def test_the_command_warns_of_a_second_report_of_the_month(ndtms: Command, tmp_path: Path) -> None:
    home = make_home(tmp_path, *[CLEAN] * 6)
    assert "share one report of a month only" in ndtms("report", "--for-sharing", "--home", home).err
    assert ndtms("report", "--home", home).err == ""
