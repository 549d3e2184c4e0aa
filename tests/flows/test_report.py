"""The report of a run: one page that shows each fact once."""

from pathlib import Path

import pytest

from flows.landing.commit import land, record_failure
from flows.landing.home import locked_home
from flows.reports.html import report
from flows.reports.summary import as_markdown, as_text, summarise
from tests.rules.world import World
from tests.support.exports import write_export
from tests.support.homes import make_small_home
from tests.support.report_pages import write_large_page
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


def test_a_failed_run_has_a_page_with_its_reason(tmp_path: Path) -> None:
    home = make_small_home(tmp_path / "home")
    export = write_export(tmp_path / "export", World())
    run_id = record_failure(build_request(export, home), "the disk is full", STARTED_AT)
    page, _ = report(home, run_id)
    assert "The run failed, so nothing was sent." in page
    assert "<li>the disk is full</li>" in page


def test_a_value_from_an_export_is_text(tmp_path: Path) -> None:
    home = make_small_home(tmp_path / "home")
    land_export(write_export(tmp_path / "export", World(edit={"HOUSING": '<script>"`x`"\x1b[2J'})), home)
    page, _ = report(home, None)
    assert "&lt;script&gt;" in page
    assert page.count("<script>") == 1
    assert "\x1b" not in page


def test_the_settings_that_mute_a_rule_are_shown(tmp_path: Path) -> None:
    home = make_small_home(tmp_path / "home")
    (home / "settings.toml").write_text('[severities]\n"SEX.required" = "warning"\n', encoding="utf-8")
    land_export(write_export(tmp_path / "export", World(edit={"SEX": ""})), home)
    page, _ = report(home, None)
    [row] = [
        line for line in page.splitlines() if '<code>SEX.required</code></th><td data-label="What is wrong">' in line
    ]
    assert ">record is not sent</td>" in row
    assert ">warning: check it</td>" in row
    assert row.endswith('data-label="Findings">1</td></tr>')


def test_a_page_of_half_a_million_findings_is_small(tmp_path: Path) -> None:
    page = write_large_page(tmp_path).read_text(encoding="utf-8")
    assert len(page.encode()) < 2_000_000
    assert "4,960 more; <code>ndtms unmapped --run run1</code>" in page
    assert "L0001 HMP Test, June 2023" in page
