"""A real Prefect server, a worker and a receiver of notifications, each on loopback and ended after the test."""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
_SLOW_ANSWERS = 10
_PREFECT = [sys.executable, "-m", "prefect"]
_CHROMIUM = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--virtual-time-budget=30000", "--dump-dom",
)  # fmt: skip


# What a person would do by hand; each runs in a process of its own, which has no server but this one.
SAVE_BLOCK = """
from prefect.blocks.notifications import CustomWebhookNotificationBlock
CustomWebhookNotificationBlock(
    name="ward", url={url!r}, json_data={{"subject": "{{{{subject}}}}", "body": "{{{{body}}}}"}}
).save("ward")
"""


# A run that sends one heartbeat, and is then silent.
STOP_BREATHING = """
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
NO_HEARTBEAT = "it sends no heartbeat, its process probably ended; run the month again"


@dataclass
class Served:
    """A server: its address, the environment to reach it, and calls of its API."""

    url: str
    env: dict[str, str]
    folder: Path

    def prefect(self, *arguments: str) -> str:
        """Returns the output of a Prefect command."""
        done = subprocess.run(
            [*_PREFECT, "--no-prompt", *arguments], env=self.env, cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def count_repeats(self) -> int:
        """How often the server handed out an event or an action again, because its first try had ended in an error."""
        return (self.folder / "server.log").read_text(encoding="utf-8").count("Failed in consume_loop")

    def asked(self, path: str, **filters: object) -> Any:
        """The answer of the server's API; while it is too busy to give one, it is asked again, as Prefect does.

        It is too busy when its database is locked (503), or when it does not answer within 20 seconds, which it may do
        `_SLOW_ANSWERS` times.
        """
        request = urllib.request.Request(
            f"{self.url}/api/{path}", json.dumps(filters).encode(), {"content-type": "application/json"}
        )

        slow_answers = iter(range(_SLOW_ANSWERS))

        def ask() -> list[Any]:
            try:
                with urllib.request.urlopen(request, timeout=20) as answer:
                    return [json.load(answer)]
            except urllib.error.HTTPError as error:
                if error.code != HTTPStatus.SERVICE_UNAVAILABLE:
                    raise
                return []
            except TimeoutError:
                if next(slow_answers, None) is None:
                    raise
                return []

        [answered] = until(ask, f"an answer of {path}")
        return answered

    def page(self, path: str) -> str:
        """A page as a person sees it: in Chromium, without a window."""
        chromium = shutil.which("chromium")
        if chromium is None:
            pytest.skip("there is no chromium on this machine")
        done = subprocess.run(
            [chromium, *_CHROMIUM, f"--user-data-dir={self.folder / 'chromium'}", f"{self.url}/{path}"],
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        return done.stdout


def until(
    found: Callable[[], object], what: str, seconds: float = 300, instead: Callable[[], object] = lambda: ""
) -> Any:
    """Asks again and again until there is something; fails at the deadline and says what there is instead."""
    pause = threading.Event()
    for _ in range(int(seconds * 2)):
        answer = found()
        if answer:
            return answer
        pause.wait(0.5)
    raise AssertionError(f"not within {seconds:.0f} seconds: {what} {instead()}")


@contextmanager
def server(folder: Path) -> Iterator[Served]:
    """A Prefect server of its own, with services that look often."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    env = {
        **os.environ,
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_API_URL": f"{url}/api",
        "PREFECT_UI_API_URL": f"{url}/api",
        "PREFECT_UI_STATIC_DIRECTORY": str(folder / "pages"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        # Two cores, and one file for its database: patience instead of a message that is handed out again.
        "PREFECT_SERVER_DATABASE_TIMEOUT": "60",
        "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "1",
        "PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS": "2",
        # Alarms that wait for an event wait no longer than they say.
        "PREFECT_SERVER_EVENTS_EXPIRED_BUCKET_BUFFER": "PT3S",
        "PREFECT_SERVER_EVENTS_PROACTIVE_GRANULARITY": "PT1S",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
    }
    with (folder / "server.log").open("wb") as log:
        running = subprocess.Popen(
            [*_PREFECT, "server", "start", "--host", "127.0.0.1", "--port", str(port)],
            env=env, cwd=ROOT, stdout=log, stderr=log,
        )  # fmt: skip

    def answers() -> bool:
        assert running.poll() is None, f"the server ended: {(folder / 'server.log').read_text(encoding='utf-8')}"
        try:
            with urllib.request.urlopen(f"{url}/api/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    try:
        until(answers, "the server answers")
        yield Served(url, env, folder)
    finally:
        running.terminate()
        running.wait()


@contextmanager
def worker(served: Served) -> "Iterator[subprocess.Popen[bytes]]":
    """A worker of the pool `ndtms`."""
    running = subprocess.Popen(
        [*_PREFECT, "worker", "start", "--pool", "ndtms"],
        env=served.env, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield running
    finally:
        running.terminate()
        running.wait()


def run_code(served: Served, code: str, **values: object) -> str:
    """Runs Python code, with values filled in, in a process that has this server.  Returns what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code.format(**values) if values else code],
        env={**served.env, "PYTHONPATH": str(ROOT)}, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@dataclass
class Receiver:
    """What notifications came in."""

    url: str
    reported: list[dict[str, str]] = field(default_factory=list)


def count_messages(received: Receiver) -> Counter[str]:
    """How often each notification came in, as SUBJECT: BODY without the name of the project."""
    return Counter(f"{message['subject']}: {message['body']}".removeprefix("NDTMS: ") for message in received.reported)


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A webhook on loopback."""
    received = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.reported.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Says nothing."""

    web = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    received.url = f"http://127.0.0.1:{web.server_port}/"
    try:
        yield received
    finally:
        web.shutdown()
        web.server_close()
