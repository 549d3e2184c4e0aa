"""The heartbeats of a flow run that a command started."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.support import heartbeats
from tests.support.command import Command

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("prefect_server"),
    pytest.mark.filterwarnings("default"),
]
_NEVER_LONGER = 60


class Sent:
    """What would be sent to the server."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.several = threading.Event()

    def emit(self, event: str, resource: dict[str, str], related: list[dict[str, str]]) -> None:
        self.events.append({"event": event, "resource": resource, "related": related})
        if len(self.events) >= 3:
            self.several.set()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    sent = Sent()
    monkeypatch.setattr(heartbeats, "emit_event", sent.emit)
    return sent


@pytest.fixture
def left_to_flows() -> Iterator[None]:
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        yield


def run_as_flow(work: Callable[[], object]) -> None:
    from prefect import flow

    @flow(name="a flow with heartbeats")
    def work_with_heartbeats() -> None:
        with heartbeats.send_heartbeats():
            work()

    work_with_heartbeats()


@pytest.mark.usefixtures("left_to_flows")
def test_a_run_sends_heartbeats_until_it_ends(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeats, "_SECONDS_BETWEEN", 0.001)
    run_as_flow(lambda: sent.several.wait(_NEVER_LONGER))
    number = len(sent.events)
    assert number >= 3
    assert not [thread for thread in threading.enumerate() if "send_until_the_end" in thread.name]
    first = sent.events[0]
    assert first["event"] == "prefect.flow-run.heartbeat"
    assert first["resource"]["prefect.resource.id"].startswith("prefect.flow-run.")
    [flow] = first["related"]
    assert (flow["prefect.resource.role"], flow["prefect.resource.name"]) == ("flow", "a flow with heartbeats")


@pytest.mark.usefixtures("left_to_flows")
def test_the_end_of_a_run_does_not_wait_for_the_next_heartbeat(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    # A wait for it would end in the limit of the test.
    monkeypatch.setattr(heartbeats, "_SECONDS_BETWEEN", 3600.0)
    run_as_flow(lambda: None)
    assert len(sent.events) == 1


def test_prefect_sends_them_where_it_is_set_to(sent: Sent) -> None:
    run_as_flow(lambda: None)
    assert sent.events == []


def test_nothing_is_sent_without_a_run(sent: Sent) -> None:
    with heartbeats.send_heartbeats():
        pass
    assert sent.events == []


def test_a_submission_of_the_command_sends_heartbeats(
    sent: Sent, tmp_path: Path, export: Path, ndtms: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prefect.settings import PREFECT_API_URL

    monkeypatch.setenv("PREFECT_API_URL", str(PREFECT_API_URL.value()))
    month = ("--period", "2023-04", "--agency", "L0001", "--extracted-on", "2023-05-03")
    assert ndtms("submit", "--source", str(export), *month, "--home", str(tmp_path / "home")).code == 0
    assert [event["related"][0]["prefect.resource.name"] for event in sent.events] == ["submission"]
