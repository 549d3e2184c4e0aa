"""Which runs the watch reports, what a failure quotes, and that every flow has its alarms."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prefect.automations import Automation

from flows.alarms import alarms
from flows.months.run_alarms import RunState, find_alarm
from flows.support.errors import InputRefused, RunFailed
from flows.support.hidden_values import hidden_values
from flows.watch import WATCH, WATCHED

FLOWS = Path(__file__).parents[2] / "flows"
NOW = datetime(2023, 5, 3, 12, tzinfo=UTC)
LIMIT = timedelta(hours=2)
LONG = "check that its export can be read, and cancel the run before you run the month again"


def build_run(kind: str, state: str, message: str = "", minutes: float = 0, *tags: str, attempts: int = 1) -> RunState:
    since = NOW - timedelta(minutes=minutes)
    return RunState("submission", "L0001 2023-04", kind, state, message, since, attempts, ("L0001", *tags))


def find(run: RunState) -> str | None:
    alarm = find_alarm(run, LIMIT, NOW)
    return f"{alarm.subject.removeprefix('NDTMS: ')}: {alarm.body}" if alarm else None


@pytest.mark.parametrize("state", ["Running", "Pending", "Cancelling"])
def test_a_run_that_has_not_ended_is_stuck_after_the_limit(state: str) -> None:
    assert find(build_run(state.upper(), state, minutes=120)) is None
    alarm = find(build_run(state.upper(), state, "", 120.1))
    assert alarm == f"stuck: submission: L0001 2023-04: it has been {state} for more than 2 hours; {LONG}"


@pytest.mark.parametrize("state", ["Completed", "Cancelled", "Scheduled", "Paused"])
def test_a_run_that_completed_or_did_not_start_has_no_alarm(state: str) -> None:
    assert find(build_run(state.upper(), state, "", 100_000)) is None


@pytest.mark.parametrize(
    ("kind", "state", "message", "alarm"),
    [
        (
            "FAILED", "Failed", "Flow run encountered an exception: InputRefused: x: there is no export",
            "failed: submission: L0001 2023-04: x: there is no export",
        ),
        (
            "FAILED", "Failed", "Flow run encountered an exception: RunFailed: the disk is full",
            "failed: submission: L0001 2023-04: the disk is full",
        ),
        (
            "FAILED", "TimedOut", "Flow run exceeded timeout of 5 second(s)",
            "failed: submission: L0001 2023-04: Flow run exceeded timeout of 5 second(s)",
        ),
        (
            "CRASHED", "Crashed", "Flow run process exited with status code -9",
            "failed: submission: L0001 2023-04: Flow run process exited with status code -9",
        ),
        ("CRASHED", "Crashed", "", "failed: submission: L0001 2023-04: no reason is known"),
        ("CRASHED", "Stuck", "no heartbeat", "stuck: submission: L0001 2023-04: no heartbeat"),
        (
            "FAILED", "Blocked", "L0001 2023-04 from x is blocked by FILE.empty: The file would be empty.",
            "blocked: submission: L0001 2023-04: FILE.empty: The file would be empty.",
        ),
        ("FAILED", "Incomplete", "1 not landed", None),
    ],
)  # fmt: skip
def test_a_run_that_ended_badly_has_one_alarm(kind: str, state: str, message: str, alarm: str | None) -> None:
    assert find(build_run(kind, state, message)) == alarm
    assert find(build_run(kind, state, message, 100_000)) == alarm, "however long ago"


def test_an_alarm_that_was_sent_is_not_sent_again() -> None:
    failed = build_run("FAILED", "Failed", "x")
    alarm = find_alarm(failed, LIMIT, NOW)
    assert alarm is not None
    assert find(build_run("FAILED", "Failed", "x", 0, alarm.tag)) is None
    assert find(build_run("FAILED", "Failed", "x", 0, alarm.tag, attempts=2)) is not None, "it was started again"
    long = find_alarm(build_run("RUNNING", "Running", "", 200), LIMIT, NOW)
    assert long is not None
    assert find(build_run("RUNNING", "Running", "", 300, long.tag)) is None
    assert find(build_run("FAILED", "Failed", "x", 0, long.tag)) is not None, "that it failed is another alarm"


def test_every_flow_of_the_project_has_the_alarms() -> None:
    names = {
        name
        for path in FLOWS.rglob("*.py")
        for name in re.findall(r"@flow\(\s*name=\"?(\w+)", path.read_text(encoding="utf-8"))
    }
    assert {*WATCHED, WATCH} == {name.replace("WATCH", WATCH) for name in names}
    covered = {alarm.name: find_flows(alarm) for alarm in alarms(uuid.uuid4())}
    assert covered["ndtms: watch failed"] == covered["ndtms: unwatched"] == {WATCH}
    assert covered["ndtms: silent"] == {*WATCHED, WATCH}
    assert covered["ndtms: late"] == {*WATCHED}


def find_flows(alarm: Automation) -> set[str]:
    match = alarm.trigger.model_dump().get("match_related")
    return set(match.get("prefect.resource.name", [])) if isinstance(match, dict) else set()


def test_a_flow_of_the_project_quotes_no_record() -> None:
    for path in FLOWS.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert text.count("@flow(") == text.count("@hidden_values("), path


def test_an_error_that_may_quote_a_record_is_replaced() -> None:
    @hidden_values(KeyError)
    def fail(error: BaseException) -> None:
        raise error

    with pytest.raises(RunFailed, match="ValueError in the program; the details are hidden") as raised:
        fail(ValueError("1977-03-30"))
    assert raised.value.__suppress_context__
    for allowed in (InputRefused("no export"), RunFailed("the disk is full"), KeyError("x"), KeyboardInterrupt()):
        with pytest.raises(type(allowed)) as passed:
            fail(allowed)
        assert passed.value is allowed
