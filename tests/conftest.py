"""What all tests share: nothing leaves the machine, and the orchestrator keeps quiet and apart."""

import os
from collections.abc import Generator, Iterator
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import pytest

os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
os.environ["PREFECT_LOGGING_LEVEL"] = "CRITICAL"
# A server that Prefect starts for a flow may take longer than 20 seconds on a busy machine.
os.environ["PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"] = "120"
os.environ.pop("PREFECT_API_URL", None)
os.environ.pop("NDTMS_HOME", None)
os.environ.pop("NDTMS_SITE", None)

from tests.support.command import Command
from tests.support.exports import TWO_CLIENTS, write_export
from tests.support.homes import make_small_home
from tests.support.kills import describe_kills
from tests.support.kinds import kind_of, no_processes

_SECONDS_TO_DRAIN = 20


def pytest_itemcollected(item: pytest.Item) -> None:
    """Marks each test with its kind, before `-m` selects."""
    item.add_marker(kind_of(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Keeps a unit test, with all its fixtures, from starting a process."""
    with no_processes() if kind_of(item) == "unit" else nullcontext():
        return (yield)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints what was killed, and what the kills left."""
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.stats.get(outcome, [])]
    properties = [pair for report in reports if report.when == "call" for pair in report.user_properties]
    for line in describe_kills(properties):
        terminalreporter.write_line(line)


@pytest.fixture
def ndtms(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """The command, called in this process."""
    return Command(monkeypatch, capfd)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that loads at once."""
    return make_small_home(tmp_path / "home")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A plain export of two clients, the second of which is rejected."""
    return write_export(tmp_path / "export", *TWO_CLIENTS)


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One embedded Prefect server for the whole session, in a folder of its own."""
    home = tmp_path_factory.mktemp("prefect")
    os.environ["PREFECT_HOME"] = str(home)
    from prefect.events.worker import EventsWorker
    from prefect.testing.utilities import prefect_test_harness

    with pytest.MonkeyPatch.context() as patched, prefect_test_harness(server_startup_timeout=120):
        yield
        # The harness would wait without end for events to a server that another test has stopped.
        patched.setattr(EventsWorker, "drain_all", partial(EventsWorker.drain_all, timeout=_SECONDS_TO_DRAIN))
