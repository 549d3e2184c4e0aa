"""What held a record back: the summary, the report and the audit give one answer, whatever the settings are."""

from dataclasses import replace
from pathlib import Path

import pytest

from flows.reports.html import report
from flows.reports.summary import as_text, summarise
from tests.rules.world import World
from tests.support.exports import write_export
from tests.support.homes import make_small_home, query_audit
from tests.support.runs import assess_request, build_request, land_export

PROVISIONAL = "The file format is provisional"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_small_home(tmp_path / "home")


def _why(home: Path, entity: str) -> list[str]:
    return [str(why) for (why,) in query_audit(home, f"select why from rejected_rows where entity = '{entity}'")]


def test_a_warning_about_a_repeated_answer_is_not_why_a_record_was_rejected(tmp_path: Path, home: Path) -> None:
    """`DRUG3.repeated` ends as the rules about exact repeats do, but it holds nothing back."""
    edit = {"DRUG1": "", "DRUG2": "1000", "DRUG3": "1000"}
    land_export(write_export(tmp_path / "export", World(edit=edit)), home)
    assert ("DRUG3.repeated",) in query_audit(home, "select rule from findings")
    assert [why.startswith("Problem substance 1 (DRUG1) is missing.") for why in _why(home, "episode")] == [True]
    assert "Problem substance 3" not in _why(home, "episode")[0]


def test_an_exact_repeat_is_reported_as_one(tmp_path: Path, home: Path) -> None:
    land_export(write_export(tmp_path / "export", World({}, clients=({},))), home)
    assert [why.startswith("The client record repeats an earlier one exactly") for why in _why(home, "client")] == [
        True
    ]


def test_a_severity_that_settings_hold_back_counts_everywhere(tmp_path: Path, home: Path) -> None:
    (home / "settings.toml").write_text('held_back = ["reject", "error"]', encoding="utf-8")
    faults = {"DISD": "2023-04-10", "DISRSN": "", "NPSUSE": "Y", "intervention.MODEND": "2023-04-10"}
    export = write_export(tmp_path / "export", World(), World(edit=faults))
    assessment = assess_request(build_request(export, home))
    landed = land_export(export, home)
    assert summarise(assessment).costly_rules == (
        ("DISRSN.pair", 1, "There is a discharge date (DISD), but the discharge reason (DISRSN) is blank."),
    )
    assert [why.startswith("There is a discharge date (DISD)") for why in _why(home, "episode")] == [True]
    first = report(home, landed.run_id)[0].partition("Do this first</h2>")[2].partition("</section>")[0]
    assert "DISRSN.pair" in first
    assert query_audit(home, "select rule from findings where holds_back") == [("DISRSN.pair",)]


def test_a_file_that_shrank_is_compared_with_the_share_that_was_set(tmp_path: Path, home: Path) -> None:
    (home / "settings.toml").write_text("shrink_share = 0.8", encoding="utf-8")
    land_export(write_export(tmp_path / "march", *(World() for _ in range(4))), home, "2023-03")
    assessment = assess_request(build_request(write_export(tmp_path / "april", *(World() for _ in range(3))), home))
    (blocked_by,) = summarise(assessment).blocked_by
    assert "less than 80% of the rows" in blocked_by
    assert "half" not in blocked_by
    assert "3 rows, 4 in the last submission" in blocked_by


def test_a_file_format_that_is_not_confirmed_is_shown(tmp_path: Path, home: Path) -> None:
    assessment = assess_request(build_request(write_export(tmp_path / "export", World()), home))
    assert PROVISIONAL in as_text(summarise(assessment))
    confirmed = replace(assessment, file_format=replace(assessment.file_format, confirmed=True))
    assert PROVISIONAL not in as_text(summarise(confirmed))
