"""The metrics of a home: what the audit has of the last run of each agency, in the format of Prometheus."""

import stat
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from flows.months.metrics import write_metrics
from flows.months.submit import submit
from flows.reports.metrics import build_metrics
from flows.support.errors import RunFailed
from tests.support.command import Command
from tests.support.exports import ONE_WITHOUT_CONSENT, TWO_CLIENTS, write_export
from tests.support.homes import make_small_home, query_audit
from tests.support.runs import build_request

APRIL = ("--agency", "L0001", "--period", "2023-04", "--extracted-on", "2023-05-03")
Series = dict[tuple[str, ...], float]


def read_metrics(text: str) -> dict[str, Series]:
    """Returns the values of each metric by its labels without `home`; fails on a series that occurs twice."""
    metrics: dict[str, Series] = {}
    for family in text_string_to_metric_families(text):
        assert (family.type, family.documentation[-1]) == ("gauge", "."), family.name
        series = metrics.setdefault(family.name, {})
        for sample in family.samples:
            labels = tuple(text for name, text in sample.labels.items() if name != "home")
            assert labels not in series
            assert sample.labels["home"]
            series[labels] = sample.value
    return metrics


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of the node exporter."""
    directory = tmp_path / "textfile"
    directory.mkdir()
    monkeypatch.setenv("NDTMS_METRICS", str(directory))
    return directory


def test_the_metrics_are_what_the_audit_has(home: Path, tmp_path: Path, directory: Path) -> None:
    # The last client breaks the same rule as the one before.
    submit(build_request(write_export(tmp_path / "export", *TWO_CLIENTS, TWO_CLIENTS[1]), home))
    [path] = directory.iterdir()
    assert path.name == "ndtms_home.prom"
    metrics = read_metrics(path.read_text(encoding="utf-8"))
    month = ("L0001", "2023-04")

    [(seconds, finished, lists)] = query_audit(
        home, "select epoch(finished_at) - epoch(started_at), epoch(finished_at), len(provisional_lists) from runs"
    )
    assert metrics["ndtms_run_rows_sent"] == {month: 2}
    assert metrics["ndtms_run_duration_seconds"] == {month: pytest.approx(seconds)}
    assert metrics["ndtms_run_finished_timestamp_seconds"] == {month: pytest.approx(finished)}
    assert metrics["ndtms_last_landed_timestamp_seconds"] == {month[:1]: pytest.approx(finished)}
    assert metrics["ndtms_run_unofficial_code_lists"] == {month: lists}
    assert metrics["ndtms_run_state"] == {
        (*month, "landed"): 1, (*month, "blocked"): 0, (*month, "failed"): 0,
    }  # fmt: skip
    outcomes = query_audit(home, "select agency, period, entity, outcome, count(*) from outcomes group by all")
    counted = {labels: value for labels, value in metrics["ndtms_run_records"].items() if value}
    assert counted == {tuple(labels): records for *labels, records in outcomes}
    assert len(metrics["ndtms_run_records"]) == 15
    findings = query_audit(home, "select agency, period, severity, count(*) from findings group by all")
    assert findings
    counted = {labels: value for labels, value in metrics["ndtms_run_findings"].items() if value}
    assert counted == {tuple(labels): number for *labels, number in findings}
    assert len(metrics["ndtms_run_findings"]) == 6
    assert len(metrics) == 9


def test_a_blocked_run_has_sent_nothing_and_the_last_landing_stays(home: Path, tmp_path: Path, directory: Path) -> None:
    for worlds in (TWO_CLIENTS, ONE_WITHOUT_CONSENT):
        submit(build_request(write_export(tmp_path / "export", *worlds), home))
    metrics = read_metrics((directory / "ndtms_home.prom").read_text(encoding="utf-8"))
    assert metrics["ndtms_run_rows_sent"] == {("L0001", "2023-04"): 0}
    assert metrics["ndtms_run_state"]["L0001", "2023-04", "blocked"] == 1
    assert metrics["ndtms_run_records"]["L0001", "2023-04", "client", "would_be_sent"] == 0
    assert metrics["ndtms_run_records"]["L0001", "2023-04", "client", "withheld"] == 1
    [(landed,)] = query_audit(home, "select epoch(finished_at) from runs where status = 'landed'")
    assert metrics["ndtms_last_landed_timestamp_seconds"] == {("L0001",): pytest.approx(landed)}


def test_a_failed_run_is_in_the_metrics(
    home: Path, export: Path, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("Ash, 1980-01-02")

    monkeypatch.setattr("transforms.pipeline.apply_rules", fail)
    with pytest.raises(RunFailed):
        submit(build_request(export, home))
    text = (directory / "ndtms_home.prom").read_text(encoding="utf-8")
    metrics = read_metrics(text)
    assert metrics["ndtms_run_state"]["L0001", "2023-04", "failed"] == 1
    assert metrics["ndtms_last_landed_timestamp_seconds"] == metrics["ndtms_run_records"] == {}
    assert "Ash" not in text


def test_another_account_may_read_the_file_and_no_part_of_it_is_left(home: Path, export: Path, directory: Path) -> None:
    submit(build_request(export, home))
    [path] = directory.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_metrics_that_cannot_be_written_are_a_warning(
    ndtms: Command, home: Path, export: Path, directory: Path
) -> None:
    directory.rmdir()
    ran = ndtms("submit", "--source", export, *APRIL, "--home", home)
    assert (ran.code, query_audit(home, "select status from runs")) == (0, [("landed",)])
    assert "the metrics could not be written (there is no such directory)" in ran.err


def test_homes_are_told_apart_by_the_name_of_their_directory(tmp_path: Path, export: Path) -> None:
    for name in ("north", 'so"uth'):
        home = make_small_home(tmp_path / name)
        submit(build_request(export, home))
        assert read_metrics(build_metrics(home))["ndtms_run_state"]
        write_metrics(home, tmp_path)
    assert sorted(path.name for path in tmp_path.glob("*.prom")) == ["ndtms_north.prom", 'ndtms_so"uth.prom']
