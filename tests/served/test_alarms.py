"""Every alarm arrives once, and not twice, through a notification block at a webhook on loopback."""

import re
import uuid
from collections import Counter
from pathlib import Path

import pytest

from tests.served.serving import SAVE_BLOCK, Receiver, Served, receiver, run_code, server, until
from tests.support.exports import ONE_WITHOUT_CONSENT, TWO_CLIENTS, write_export

# What a person would do by hand, as SAVE_BLOCK.
SET_ALARMS = """
from datetime import timedelta
from flows.alarms import set_alarms
for _ in range(2):
    print(set_alarms("custom-webhook/ward", timedelta(seconds=30)))
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
print(reminder({agencies!r}, 20, {home!r}, {today!r}))
import time
from prefect.events.worker import EventsWorker
EventsWorker.instance().drain()
"""
STOP_BREATHING = """
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.events import emit_event
from prefect.events.worker import EventsWorker
from prefect.states import Running
from flows.submission import submission
with get_client(sync_client=True) as client:
    run = client.create_flow_run(submission, name="L0001 2023-01", parameters={"source": "x"})
    client.set_flow_run_state(run.id, Running(), force=True)
emit_event(
    event="prefect.flow-run.heartbeat",
    resource={"prefect.resource.id": f"prefect.flow-run.{run.id}", "prefect.resource.name": run.name},
    related=[{
        "prefect.resource.id": f"prefect.flow.{run.flow_id}", "prefect.resource.role": "flow",
        "prefect.resource.name": "submission",
    }],
)
EventsWorker.instance().drain()
print(run.id)
"""


def be_late(served: Served) -> None:
    """A run of a deployment that no worker takes."""
    served.prefect("work-pool", "create", "ndtms", "--type", "process")
    served.prefect("deploy", "--name", "reminder")
    [deployment] = served.asked("deployments/filter", deployments={"name": {"any_": ["reminder"]}})
    [schedule] = deployment["schedules"]
    assert schedule["active"]
    served.prefect("deployment", "run", "reminder/reminder")


def messages(received: Receiver, subject: str) -> list[str]:
    return sorted({message["body"] for message in received.reported if message["subject"] == f"NDTMS: {subject}"})


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
        for today in ("2023-06-14", "2023-06-15", "2023-06-16"):
            run_code(served, REMIND, agencies=["L0001", "L0002"], home=home, today=today)
        subjects = ("failed", "blocked", "late", "stuck", "not landed yet")
        until(lambda: all(messages(received, subject) for subject in subjects), f"all alarms: {received.reported}", 150)
        # Another that comes after all of them: what would come twice has come by then.
        run_code(served, REMIND, agencies=["L0003"], home=home, today="2023-06-17")
        until(lambda: "L0003 2023-05" in messages(received, "not landed yet"), "the last one", 60)
        state = served.asked("flow_runs/filter", flow_runs={"id": {"any_": [stuck]}})[0]["state"]
    counted = Counter((message["subject"], message["body"]) for message in received.reported)
    # A server that could not save that it has sent a message sends it again.
    assert counted.total() - len(counted) <= served.count_repeats(), counted
    assert messages(received, "failed") == ["submission: L0001 2023-03"]
    assert messages(received, "blocked") == ["submission: L0001 2023-04"]
    assert messages(received, "stuck") == ["submission: L0001 2023-01"]
    assert messages(received, "not landed yet") == ["L0002 2023-05", "L0003 2023-05"]
    [late] = messages(received, "late")
    assert re.match(r"reminder, due 20\d\d-\d\d-\d\d \d\d:\d\d", late), late
    assert (state["type"], state["name"]) == ("CRASHED", "Stuck")


def test_before_the_last_five_days_nobody_is_reminded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows import reminder as module

    reported: list[str] = []
    monkeypatch.setattr(
        module, "emit_event", lambda **event: reported.append(event["resource"]["prefect.resource.name"])
    )
    remind = module.reminder.fn
    assert remind(["L0001"], 20, str(tmp_path), "2023-06-14") == []
    assert remind(["L0001"], 20, str(tmp_path), "2023-06-15") == ["L0001"]
    assert remind(["L0001"], 20, str(tmp_path), "2023-06-16") == [], "it was reported"
    assert remind(["L0001"], 20, str(tmp_path), "2023-07-18") == ["L0001"], "another month"
    assert reported == ["L0001 2023-05", "L0001 2023-06"]


def test_block_names_that_do_not_exist_are_reported() -> None:
    from flows.alarms import alarms

    names = [alarm.name for alarm in alarms(uuid.uuid4())]
    assert len(set(names)) == len(names) == 6
