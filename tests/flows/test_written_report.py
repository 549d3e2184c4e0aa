"""Every submission writes its report; a report that cannot be written fails nothing."""

from pathlib import Path

import pytest

from tests.support.command import Command
from tests.support.exports import ONE_WITHOUT_CONSENT, TWO_CLIENTS, write_export
from tests.support.homes import SUBMISSION_FILE, make_small_home, query_audit

pytestmark = pytest.mark.slow
APRIL = ("--agency", "L0001", "--period", "2023-04", "--extracted-on", "2023-05-03")
REPORT = Path("reports/L0001/2023-04.html")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_small_home(tmp_path / "home")


def test_a_submission_writes_its_report_and_names_it(ndtms: Command, home: Path, tmp_path: Path) -> None:
    ran = ndtms("submit", "--source", write_export(tmp_path / "export", *TWO_CLIENTS), *APRIL, "--home", home)
    assert ran.code == 0
    assert ran.out.splitlines()[-1] == f"Report: {home / REPORT}"
    assert "2 of 3 of your interventions are ready to be sent once the code lists are official (66.7%)." in (
        home / REPORT
    ).read_text(encoding="utf-8")


def test_a_blocked_run_replaces_the_report_of_its_month(ndtms: Command, home: Path, tmp_path: Path) -> None:
    for worlds, code in ((TWO_CLIENTS, 0), (ONE_WITHOUT_CONSENT, 3)):
        export = write_export(tmp_path / "export", *worlds)
        assert ndtms("submit", "--source", export, *APRIL, "--home", home).code == code
    page = (home / REPORT).read_text(encoding="utf-8")
    assert "Blocked: 0 of 1 of your interventions would be sent" in page
    assert "The file that L0001-2023-04-1 landed is still in place." in page
    assert "are ready to be sent" not in page


def test_a_report_that_cannot_be_written_is_a_warning(ndtms: Command, home: Path, tmp_path: Path) -> None:
    (home / "reports").write_text("in the way", encoding="utf-8")
    ran = ndtms("submit", "--source", write_export(tmp_path / "export", *TWO_CLIENTS), *APRIL, "--home", home)
    assert (ran.code, (home / SUBMISSION_FILE).exists()) == (0, True)
    assert "the report of L0001-2023-04-1 could not be written (" in ran.err
    assert "Report:" not in ran.out
    assert query_audit(home, "select status from runs") == [("landed",)]


def test_a_report_that_cannot_be_made_is_a_warning(
    ndtms: Command, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("Ash, 1980-01-02")

    monkeypatch.setattr("flows.reports.html.render", fail)
    ran = ndtms("submit", "--source", write_export(tmp_path / "export", *TWO_CLIENTS), *APRIL, "--home", home)
    assert (ran.code, query_audit(home, "select status from runs")) == (0, [("landed",)])
    assert "could not be written (ValueError)" in ran.err
    assert "Ash" not in ran.err + ran.out


def test_the_report_command_writes_where_out_asks(ndtms: Command, home: Path, tmp_path: Path) -> None:
    ndtms("submit", "--source", write_export(tmp_path / "export", *TWO_CLIENTS), *APRIL, "--home", home)
    ran = ndtms("report", "--home", home, "--out", tmp_path / "r.html")
    assert ran.out.strip() == str(tmp_path / "r.html")
    assert (tmp_path / "r.html").read_text(encoding="utf-8") == (home / REPORT).read_text(encoding="utf-8")
