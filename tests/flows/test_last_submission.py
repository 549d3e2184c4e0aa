"""The last submission: of each record the latest that contains it, and what dropped out since the latest of all."""

import hashlib
import re
from pathlib import Path

import pytest

from flows.reports.dropouts import Dropout, find_dropouts
from flows.reports.html import report
from flows.reports.summary import as_markdown, as_text, summarise
from tests.rules.world import DISCHARGED, World
from tests.support.exports import write_export
from tests.support.homes import make_small_home, query_audit
from tests.support.runs import assess_request, build_request, land_export

FEBRUARY, MARCH, APRIL, MAY = "2023-02", "2023-03", "2023-04", "2023-05"
NO_BIRTHDAY = {"DOB": "31/02/1980"}
TWO_INTERVENTIONS = ({"MODID": "N@"},)
CONFLICT = (*TWO_INTERVENTIONS, {"MODID": "N@", "MODST": "2023-01-11"})
IN_ALL = World(interventions=TWO_INTERVENTIONS)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_small_home(tmp_path / "home")


def land_months(folder: Path, home: Path, months: dict[str, tuple[World, ...]]) -> None:
    for month, worlds in months.items():
        assert land_export(write_export(folder / month, *worlds), home, month).status == "landed"


def test_a_record_is_compared_with_the_last_submission_that_contains_it(tmp_path: Path, home: Path) -> None:
    rejected = World(edit=NO_BIRTHDAY)
    land_months(
        tmp_path,
        home,
        {
            FEBRUARY: (World(), World(edit={"RELIGION": "C"})),
            MARCH: (World(), rejected),
            APRIL: (World(), rejected),
            MAY: (World(), World(edit={"RELIGION": "D"})),
        },
    )
    of_may = "select rule, episode_id, old_value, new_value from mismatches where period = '2023-05'"
    assert query_audit(home, of_may) == [("RELIGION.changed", "E0001", "C", "D")]


def test_an_intervention_sent_with_the_episode_is_not_new_whatever_later_months_sent(
    tmp_path: Path, home: Path
) -> None:
    moved = {"MODID": "N0001", "MODST": "2023-03-05"}
    other, opened = World(interventions=(moved,)), World({"MODEND": DISCHARGED["MODEND"]}, interventions=(moved,))
    land_months(
        tmp_path,
        home,
        {
            MARCH: (World(DISCHARGED), other),
            # Now the intervention has a later submission than the episode that it moves to in May.
            APRIL: (World({**DISCHARGED, **NO_BIRTHDAY}), other),
            MAY: (opened, World()),
        },
    )
    assert query_audit(home, "select episode_id from findings where rule = 'DISD.reopened'") == [("E0000",)]


def test_the_manifest_names_the_latest_submission_and_hashes_all_earlier_ones(tmp_path: Path, home: Path) -> None:
    land_months(tmp_path, home, {FEBRUARY: (World(),), MARCH: (World(), World()), APRIL: (World(), World())})
    items = "select name, digest from manifest where item = 'last submission' and run_id = 'L0001-2023-04-1'"
    earlier = query_audit(home, "select period, output_sha256 from runs where period < '2023-04' order by period")
    digest = hashlib.sha256("\n".join(f"{period} {file}" for period, file in earlier).encode()).hexdigest()
    assert query_audit(home, items) == [("L0001-2023-03-1", digest)]
    assert query_audit(home, items.replace("2023-04-1", "2023-02-1")) == []
    # A file of an older month counts, because a record may be compared with it.
    land_months(tmp_path, home, {FEBRUARY: (World(edit={"SEX": "F"}),), APRIL: (World(), World())})
    ((name, changed),) = query_audit(home, items.replace("2023-04-1", "2023-04-2"))
    assert (name, changed == digest) == ("L0001-2023-03-1", False)


def test_what_is_no_longer_sent_shows_its_outcome(tmp_path: Path, home: Path) -> None:
    land_months(tmp_path, home, {MARCH: (IN_ALL, IN_ALL, IN_ALL)})
    conflict = World(interventions=CONFLICT)
    land_months(tmp_path, home, {APRIL: (World(edit=NO_BIRTHDAY, interventions=TWO_INTERVENTIONS), conflict, IN_ALL)})
    shown = query_audit(
        home,
        "select rule, episode_id, intervention_id, value from findings"
        " where rule like '%.no_longer_sent' or rule like '%.incomplete' order by rule",
    )
    assert shown == [
        ("EPISODID.incomplete", "E0001", None, "***"),
        ("EPISODID.no_longer_sent", "E0000", None, "rejected"),
        ("MODID.no_longer_sent", "E0001", "N0001", "rejected"),
        ("MODID.no_longer_sent", "E0001", "N0001", "rejected"),
    ]


def test_what_is_withheld_shows_its_outcome_and_nothing_else(tmp_path: Path, home: Path) -> None:
    land_months(tmp_path, home, {MARCH: (World(), World())})
    land_months(tmp_path, home, {APRIL: (World(), World(edit={"CONSENT": "N"}))})
    found = "select rule, value from findings where episode_id = 'E0001' order by rule"
    assert query_audit(home, found) == [("CONSENT.given", None), ("EPISODID.no_longer_sent", "withheld")]


@pytest.fixture
def april(tmp_path: Path, home: Path) -> Path:
    """The export of April: of five clients of March one is gone, and others are rejected, withheld or incomplete."""
    land_months(tmp_path, home, {MARCH: (IN_ALL,) * 5})
    worlds = (
        IN_ALL,
        World(edit=NO_BIRTHDAY, interventions=TWO_INTERVENTIONS),
        World(edit={"CONSENT": "N"}, interventions=TWO_INTERVENTIONS),
        World(interventions=CONFLICT),
    )
    return write_export(tmp_path / "april", *worlds)


EXPECTED = (
    Dropout("not in this export", "episode", 1),
    Dropout("no longer sent", "episode", 1, "rejected", "DOB.date (1)"),
    Dropout("no longer sent", "episode", 1, "withheld", "CONSENT.given (1)"),
    Dropout("no longer sent", "intervention", 2, "rejected", "MODID.conflict (2)"),
    Dropout("incomplete", "episode", 1),
)
LINES = (
    "not in this export: 1 episode",
    "no longer sent: 1 episode rejected: DOB.date (1)",
    "no longer sent: 1 episode withheld: CONSENT.given (1)",
    "no longer sent: 2 interventions rejected: MODID.conflict (2)",
    "incomplete: 1 episode",
)
TITLE = "Dropped out since the last submission, L0001-2023-03-1:"


def test_a_summary_starts_with_what_dropped_out(april: Path, home: Path) -> None:
    assessment = assess_request(build_request(april, home))
    found = find_dropouts(assessment)
    assert found is not None
    assert found.counts == EXPECTED
    summary = summarise(assessment)
    assert as_text(summary).splitlines()[1:7] == [TITLE, *(f"  {line}" for line in LINES)]
    assert as_markdown(summary).splitlines()[1:9] == ["", TITLE, "", *(f"- {line}" for line in LINES)]


def test_a_report_starts_with_what_dropped_out(april: Path, home: Path) -> None:
    land_export(april, home)
    page, _ = report(home, None)
    first = page.partition("</nav>")[2].partition("</section>")[0]
    assert ">Dropped out since the last submission, L0001-2023-03-1</h2>" in first
    rows = [re.findall("<t[hd][^>]*>(.*?)</t[hd]>", row) for row in first.partition("<tbody>")[2].split("</tr>")[:-1]]
    assert rows == [
        [count.what.capitalize(), count.entity, str(count.records), count.outcome or "–", count.why or "–"]
        for count in EXPECTED
    ]


def test_a_first_submission_shows_no_dropouts(tmp_path: Path, home: Path) -> None:
    export = write_export(tmp_path / "export", World(), World(interventions=CONFLICT))
    summary = summarise(assess_request(build_request(export, home)))
    assert summary.dropouts is None
    assert "ropped out" not in as_text(summary) + as_markdown(summary)
    land_export(export, home)
    assert "ropped out" not in report(home, None)[0]


def test_nothing_dropped_out_is_one_line(tmp_path: Path, home: Path) -> None:
    land_months(tmp_path, home, {MARCH: (World(),)})
    export = write_export(tmp_path / "april", World())
    nothing = "Nothing dropped out since the last submission, L0001-2023-03-1"
    assert as_text(summarise(assess_request(build_request(export, home)))).splitlines()[1] == nothing
    land_export(export, home)
    assert f">{nothing}</h2>" in report(home, None)[0].partition("</nav>")[2].partition("</section>")[0]
