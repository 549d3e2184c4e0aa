"""The log of events: one for each step, with the counts of the audit, and never a value of a record."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from flows.months import submit as submit_steps
from flows.months.submit import submit
from flows.support.events import log_about, log_event, log_step
from tests.backfill.backfilling import one_by_one
from tests.support.command import Command
from tests.support.exports import ONE_WITHOUT_CONSENT, write_export
from tests.support.homes import SUBMISSION_FILE, query_audit
from tests.support.runs import build_request

APRIL = ("--agency", "L0001", "--period", "2023-04", "--extracted-on", "2023-05-03")
RUN = "L0001-2023-04-1"
STEPS = [
    "read_reference", "read_export", "read_previous", "transform", "validate", "decide_outcomes", "validate_sent",
    "write_file", "commit", "report", "snapshot", "board", "run",
]  # fmt: skip
# Everything that an event may have: no other key, and no other text.
KEYS = {
    "time", "level", "event", "agency", "period", "source", "run_id", "seconds", "code_lists", "records", "files",
    "rules", "outcomes", "rows", "bytes", "status", "state", "rows_sent", "findings", "error",
}  # fmt: skip
TEXTS = {
    "agency": {"L0001"}, "period": {"2023-04"}, "source": {"plain-export"}, "run_id": {RUN},
    "level": {"info", "warning", "error"}, "event": {*STEPS, "assess"},
    "status": {"landed", "blocked"}, "state": {"landed", "blocked", "refused", "failed"},
    "error": {"InputRefused", "RunFailed", "ValueError"},
}  # fmt: skip


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that events are appended to."""
    monkeypatch.setenv("NDTMS_LOG", str(tmp_path / "ndtms.log"))
    return tmp_path / "ndtms.log"


def read_events(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def assert_no_values(events: list[dict[str, Any]]) -> None:
    """Fails if an event has a key or a text that is not expected, at any depth."""
    for event in events:
        assert set(event) <= KEYS
        for key, value in event.items():
            if isinstance(value, str) and key != "time":
                assert value in TEXTS[key]
        counted = [*event.get("records", {}).values()]
        counted += [number for counts in event.get("outcomes", {}).values() for number in counts.values()]
        assert all(isinstance(number, int) for number in counted)


def test_each_step_is_an_event_with_the_counts_of_the_audit(home: Path, export: Path, log: Path) -> None:
    submit(build_request(export, home))
    events = read_events(log)
    assert [event["event"] for event in events] == STEPS
    assert_no_values(events)
    by_step = {event["event"]: event for event in events}
    assert all(event["seconds"] >= 0 and event["level"] == "info" for event in events)
    assert {event["event"] for event in events if event.get("run_id") == RUN} == {*STEPS[7:]}
    assert {(event["agency"], event["period"], event["source"]) for event in events} == {
        ("L0001", "2023-04", "plain-export")
    }

    [read] = query_audit(home, "select clients_in, episodes_in, interventions_in from runs")
    assert tuple(by_step["read_export"]["records"].values()) == tuple(by_step["transform"]["records"].values()) == read
    outcomes = query_audit(home, "select entity, outcome, count(*) from outcomes group by all order by all")
    assert outcomes == sorted(
        (entity, outcome, records)
        for entity, counts in by_step["decide_outcomes"]["outcomes"].items()
        for outcome, records in counts.items()
    )
    assert by_step["commit"]["findings"] == len(query_audit(home, "select 1 from findings"))
    rules = "select count(*) from internal.run_rules where rule not like 'FILE.%'"
    assert [(by_step["validate"]["rules"],)] == query_audit(home, rules)
    [(rows_sent,)] = query_audit(home, "select rows_sent from runs")
    assert rows_sent == 2
    assert by_step["write_file"]["rows"] == by_step["commit"]["rows_sent"] == by_step["run"]["rows_sent"] == rows_sent
    assert by_step["write_file"]["bytes"] == (home / SUBMISSION_FILE).stat().st_size
    assert (by_step["commit"]["status"], by_step["run"]["state"]) == ("landed", "landed")


def test_a_blocked_run_sends_nothing(home: Path, tmp_path: Path, log: Path) -> None:
    submit(build_request(write_export(tmp_path / "export", *ONE_WITHOUT_CONSENT), home))
    events = read_events(log)
    assert [event["event"] for event in events] == [step for step in STEPS if step != "write_file"]
    assert (events[-1]["state"], events[-1]["rows_sent"]) == ("blocked", 0)


def test_a_failed_step_is_an_error_without_its_text(
    ndtms: Command, home: Path, export: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("Ash, 1980-01-02")

    monkeypatch.setattr("transforms.pipeline.apply_rules", fail)
    assert ndtms("submit", "--source", export, *APRIL, "--home", home).code == 1
    events = read_events(log)
    assert_no_values(events)
    failed = [(event["event"], event["error"]) for event in events if event["level"] == "error"]
    assert failed == [("validate", "ValueError"), ("run", "RunFailed")]
    assert events[-1]["state"] == "failed"
    assert "Ash" not in log.read_text(encoding="utf-8")


def test_a_refused_run_is_a_warning(ndtms: Command, home: Path, export: Path, log: Path) -> None:
    (export / "episodes.csv").write_text("EPISODID\nAsh,1980-01-02\n", encoding="utf-8")
    assert ndtms("submit", "--source", export, *APRIL, "--home", home).code == 2
    events = read_events(log)
    assert_no_values(events)
    assert [(event["event"], event["level"]) for event in events[-2:]] == [
        ("read_export", "warning"),
        ("run", "warning"),
    ]
    assert (events[-1]["state"], events[-1]["error"]) == ("refused", "InputRefused")


def test_a_check_logs_its_steps(ndtms: Command, home: Path, export: Path, log: Path) -> None:
    assert ndtms("check", "--source", export, *APRIL, "--home", home).code == 0
    events = read_events(log)
    assert [event["event"] for event in events] == STEPS[:7]
    assert {event["agency"] for event in events} == {"L0001"}


def test_a_backfill_logs_the_steps_and_the_end_of_each_month(home: Path, export: Path, log: Path) -> None:
    from flows.months.options import BackfillOptions
    from flows.months.plan import plan_backfill
    from flows.months.run import run_backfill

    options = BackfillOptions(
        str(export), "2023-04", "2023-04", ("L0001",), "2023-05-03", str(home), accept_same_input="a test"
    )
    with plan_backfill(options) as plan:
        run_backfill(plan, one_by_one)
    events = read_events(log)
    assert_no_values(events)
    ended = [event for event in events if event["event"] in ("write_file", "assess", "commit", "run")]
    assert [event["event"] for event in ended] == ["write_file", "assess", "commit", "run"]
    assert {event["run_id"] for event in ended} == {RUN}
    assert (ended[-1]["state"], ended[-1]["rows_sent"], ended[-2]["rows_sent"]) == ("landed", 2, 2)


def test_events_go_to_standard_error(ndtms: Command, home: Path, export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NDTMS_LOG", "json")
    ran = ndtms("submit", "--source", export, *APRIL, "--home", home)
    events = [json.loads(line) for line in ran.err.splitlines() if line.startswith("{")]
    assert events[-1]["state"] == "landed"
    assert "{" not in ran.out


def test_without_the_variable_nothing_is_logged(ndtms: Command, home: Path, export: Path) -> None:
    assert "{" not in ndtms("submit", "--source", export, *APRIL, "--home", home).err


def test_only_this_account_can_read_the_log(log: Path) -> None:
    with log_about():
        pass
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_a_log_that_is_gone_ends_no_run(home: Path, export: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    land_step = submit_steps.land_step

    def land_without_log(*arguments: Any) -> Any:
        log.unlink()
        log.mkdir()
        return land_step(*arguments)

    submit(build_request(export, home), submit_steps.Steps(land=land_without_log))
    assert query_audit(home, "select status from runs") == [("landed",)]


def test_the_names_of_a_run_are_of_its_events_only(log: Path) -> None:
    with log_about(agency="L0001"), log_step("read_export") as counts:
        counts["files"] = 3
    log_event("snapshot", {})
    first, second = read_events(log)
    assert (first["agency"], first["files"]) == ("L0001", 3)
    assert "agency" not in second
