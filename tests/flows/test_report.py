"""The report of a run: one page that shows each fact once."""

from pathlib import Path

import pytest

from flows.landing.commit import land
from flows.landing.home import locked_home
from flows.reports.html import report
from flows.reports.summary import as_markdown, as_text, summarise
from tests.rules.world import World
from tests.support.exports import write_export
from tests.support.homes import make_small_home
from tests.support.requests import submission_request
from tests.support.runs import STARTED_AT, assess_request, build_request, land_export

pytestmark = pytest.mark.slow


def test_episodes_of_another_agency_block_only_a_file_without_others(tmp_path: Path) -> None:
    home = make_small_home(tmp_path / "home")
    land_export(write_export(tmp_path / "export", World(), World(), World()), home)
    moved = write_export(tmp_path / "export", *[World(edit={"AGNCY": "L0002"})] * 3)
    request = submission_request(str(moved), "2023-05", agency="L0002", extracted_on="2023-06-03", home=home)
    with locked_home(home):
        run = land(assess_request(request), STARTED_AT)
    page, _ = report(home, run.run_id)
    assert run.status == "blocked"
    assert page.count("Blocked by") == 1
    assert "Blocked by FILE.empty:" in page
    assert "AGNCY.changed" in page


def test_a_finding_alone_is_reported_without_a_number(tmp_path: Path) -> None:
    home = make_small_home(tmp_path / "home")
    land_export(write_export(tmp_path / "export", World(edit={"CONSENT": "N"})), home)
    page, _ = report(home, None)
    assert page.count("Blocked by") == 1
    assert "findings)</li>" not in page


def test_a_blocked_run_is_never_shown_as_sent(tmp_path: Path) -> None:
    home = make_small_home(tmp_path / "home")
    export = write_export(tmp_path / "export", World(edit={"CONSENT": "N"}))
    assessment = assess_request(build_request(export, home))
    with locked_home(home):
        summary = summarise(assessment, land(assessment, STARTED_AT))
    page, _ = report(home, None)
    assert 'class="number">would be sent</th>' in page
    assert "can be sent</th>" not in page.split('id="months"')[0]
    for text in (as_text(summary), as_markdown(summary)):
        assert "would be sent" in text
