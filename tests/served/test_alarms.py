"""Every alarm arrives once, and not twice, through a notification block at a webhook on loopback."""

import re
import uuid
from pathlib import Path

from tests.served.serving import (
    NO_HEARTBEAT,
    SAVE_BLOCK,
    STOP_BREATHING,
    Served,
    count_messages,
    receiver,
    run_code,
    server,
    until,
)
from tests.support.exports import ONE_WITHOUT_CONSENT, TWO_CLIENTS, write_export

# What a person would do by hand, as SAVE_BLOCK.
SET_ALARMS = """
from datetime import timedelta
from flows.alarms import Waits, set_alarms
for _ in range(2):
    print(set_alarms("custom-webhook/ward", Waits(*[timedelta(seconds=10)] * 3)))
"""
SUBMIT = """
from flows.sources.request import SubmissionOptions
from flows.submission import SubmissionBlocked, run_submission
from flows.support.errors import InputRefused
try:
    run_submission(SubmissionOptions({source!r}, {period!r}, "L0001", "2023-06-01", {home!r}))
except (SubmissionBlocked, InputRefused) as error:
    print(type(error).__name__)
"""
REMIND = """
from flows.reminder import reminder
for today in {days!r}:
    print(reminder({agencies!r}, 20, {home!r}, today))
"""
WATCH = """
from flows.watch import watch
from prefect.exceptions import ParameterTypeError
for hours in (1.0, "many", "many"):
    try:
        print(len(watch(hours)))
    except ParameterTypeError:
        print("failed")
"""


def be_late(served: Served) -> None:
    """A run of a deployment that no worker takes."""
    served.prefect("work-pool", "create", "ndtms", "--type", "process")
    served.prefect("deploy", "--name", "reminder")
    [deployment] = served.asked("deployments/filter", deployments={"name": {"any_": ["reminder"]}})
    [schedule] = deployment["schedules"]
    assert schedule["active"]
    served.prefect("deployment", "run", "reminder/reminder")


def test_every_alarm_arrives_once(tmp_path: Path) -> None:
    home, blocked = str(tmp_path / "home"), write_export(tmp_path / "blocked", *ONE_WITHOUT_CONSENT)
    landed = write_export(tmp_path / "landed", *TWO_CLIENTS)
    with server(tmp_path) as served, receiver() as received:
        run_code(served, SAVE_BLOCK, url=received.url)
        assert run_code(served, SET_ALARMS).count("ndtms: stuck") == 2, "set twice, so that none occurs twice"
        stuck = run_code(served, STOP_BREATHING).strip()
        be_late(served)
        (tmp_path / "broken").mkdir()
        broken = write_export(tmp_path / "broken", *TWO_CLIENTS)
        (broken / "clients.csv").write_text("CLIENTID,CLIENTID\n", encoding="utf-8")
        assert "InputRefused" in run_code(served, SUBMIT, source=str(broken), home=home, period="2023-03")
        assert "SubmissionBlocked" in run_code(served, SUBMIT, source=str(blocked), home=home, period="2023-04")
        run_code(served, SUBMIT, source=str(landed), home=home, period="2023-05")
        days = ["2023-06-14", "2023-06-15", "2023-06-16", "2023-06-20", "2023-06-20", "2023-06-21"]
        run_code(served, REMIND, agencies=["L0001", "L0002"], home=home, days=days)
        is_marked = {"flow_runs": {"id": {"any_": [stuck]}, "state": {"name": {"any_": ["Stuck"]}}}}
        until(lambda: served.asked("flow_runs/filter", **is_marked), "the run is marked", 150)
        assert run_code(served, WATCH).split() == ["3", "failed", "failed"]
        subjects = ("failed: sub", "failed: watch", "blocked", "late", "stuck", "unwatched", "not landed yet")
        until(
            lambda: all(any(found.startswith(subject) for found in count_messages(received)) for subject in subjects),
            "all alarms", 150, lambda: count_messages(received),
        )  # fmt: skip
        # Another that comes after all of them: what would come twice has come by then.
        run_code(served, REMIND, agencies=["L0003"], home=home, days=["2023-06-17"])
        until(lambda: "L0003 2023-05" in str(count_messages(received)), "the last one", 60)
        assert run_code(served, WATCH).split() == ["0", "failed", "failed"]
        state = served.asked("flow_runs/filter", flow_runs={"id": {"any_": [stuck]}})[0]["state"]
    counted = count_messages(received)
    [failed] = [message for message in counted if message.startswith("failed: watch")]
    [late] = [message for message in counted if message.startswith("late")]
    late_text = r"late: reminder, due 20\d\d-\d\d-\d\d \d\d:\d\d, has not started; check that a worker is running"
    assert re.fullmatch(late_text, late), late
    no_run = "no run is in the audit"
    assert counted.keys() == {
        failed,
        late,
        f"failed: submission: L0001 2023-03: {broken / 'clients.csv'}, line 1: the columns 1, 2 have the same name;"
        " each name is allowed once",
        "blocked: submission: L0001 2023-04: FILE.empty: No row is left to send. Found: 0 rows. Check the export and"
        " the rejected records.",
        f"stuck: submission: L0001 2023-01: {NO_HEARTBEAT}",
        "unwatched: the watch has not been completed for some time, and no failure is reported; check the worker",
        f"not landed yet: L0002 2023-05: not landed; the deadline is in 5 days (2023-06-20); {no_run}",
        f"not landed yet: L0002 2023-05: not landed; the deadline is today (2023-06-20); {no_run}",
        f"not landed yet: L0002 2023-05: not landed; the deadline was 1 day ago (2023-06-20); {no_run}",
        f"not landed yet: L0003 2023-05: not landed; the deadline is in 3 days (2023-06-20); {no_run}",
    }
    # A server that could not save that it has sent a message sends it again.
    assert counted.total() - len(counted) <= served.count_repeats(), counted
    assert (state["type"], state["name"]) == ("CRASHED", "Stuck")


def test_no_two_alarms_have_the_same_name() -> None:
    from flows.alarms import alarms

    names = [alarm.name for alarm in alarms(uuid.uuid4())]
    assert len(set(names)) == len(names)
