"""Starts a Prefect server for one command if none is configured, and ends it with the command.

Prefect could start a server itself, but that server outlives a command that was killed.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.support.environment import set_environment
from flows.support.errors import InputRefused, RunFailed

_SECONDS_TO_START = 120.0
_SECONDS_TO_END = 3.0
_PAUSE = 0.1
# Prefect sets the same variables for the temporary server that it starts itself.
_ENVIRONMENT = {
    "PREFECT_UI_ENABLED": "0",
    "PREFECT__SERVER_EPHEMERAL": "1",
    "PREFECT__SERVER_FINAL": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}


def is_server_configured() -> bool:
    """Returns whether the environment, a profile or a settings file configures a Prefect server."""
    return bool(find_server_url()[0])


def find_server_url() -> tuple[str, str]:
    """Returns the address of the configured Prefect server, and where it is configured; two blanks without one.

    The address may contain a password.  Prefect takes a second to import, so this imports it only if there is a file
    for it to read.
    """
    if url := os.environ.get("PREFECT_API_URL"):
        return url, "PREFECT_API_URL"
    folder = Path(os.environ.get("PREFECT_HOME") or Path.home() / ".prefect")
    if not ((folder / "profiles.toml").exists() or Path("prefect.toml").exists()):
        return "", ""
    from prefect.settings import PREFECT_API_URL  # noqa: PLC0415

    url = PREFECT_API_URL.value()
    return (str(url), "Prefect's profile or settings file") if url else ("", "")


@contextmanager
def prefect_server() -> Iterator[None]:
    """Ensures that a Prefect server answers inside the block: the configured one, or one started for the block.

    Prefect is to be imported inside the block: its threads use the address that it finds when it is imported, and
    without one they would start a server of their own.

    Raises:
        InputRefused: the configured server does not answer.
        RunFailed: the server did not start in time.
    """
    if configured := find_server_url()[0] or _read_imported_url():
        with _use_server(configured):
            _refuse_if_silent()
            yield
        return
    # The child inherits a socket that is already bound, so no other process can take the port in between.
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/api"
        server = subprocess.Popen(
            [sys.executable, "-m", "flows.support.prefect_server_process", str(os.getpid()), str(listener.fileno())],
            env=os.environ | _ENVIRONMENT,
            pass_fds=[listener.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    try:
        # Prefect is imported here, while the server starts.
        with set_environment({"PREFECT_API_URL": url}), _use_server(url):
            _wait_until_it_answers(server, url)
            yield
    finally:
        server.terminate()
        try:
            server.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _read_imported_url() -> str:
    """Returns the address that Prefect has if it has been imported, which it did not read from a variable or file."""
    if "prefect" not in sys.modules:
        return ""
    from prefect.settings import PREFECT_API_URL  # noqa: PLC0415

    return PREFECT_API_URL.value() or ""


def refuse_silent_server() -> None:
    """Raises InputRefused if no Prefect server is configured, or it does not answer."""
    from prefect.settings import PREFECT_API_URL, temporary_settings  # noqa: PLC0415

    url = find_server_url()[0] or PREFECT_API_URL.value()
    if not url:
        raise InputRefused(
            "no Prefect server is configured; start one with `prefect server start` and set PREFECT_API_URL, such as"
            " http://127.0.0.1:4200/api"
        )
    with temporary_settings({PREFECT_API_URL: url}):
        _refuse_if_silent()


def _refuse_if_silent() -> None:
    from prefect.client.orchestration import get_client  # noqa: PLC0415

    with get_client(sync_client=True) as client:
        if client.api_healthcheck() is not None:
            # Without the address, which may contain a password.
            named_by = find_server_url()[1] or "PREFECT_API_URL"
            raise InputRefused(
                f"the Prefect server that {named_by} names does not answer; start it, or correct the address"
            )


@contextmanager
def _use_server(url: str) -> Iterator[None]:
    """Makes Prefect use a server inside the block, and leave heartbeats to the flows (see `heartbeats`)."""
    from prefect.settings import (  # noqa: PLC0415
        PREFECT_API_URL,
        PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
        temporary_settings,
    )

    with temporary_settings({PREFECT_API_URL: url, PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        yield


def _wait_until_it_answers(server: "subprocess.Popen[bytes]", url: str) -> None:
    until = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=_PAUSE * 20) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(_PAUSE)
    why = f"did not answer within {_SECONDS_TO_START:.0f} seconds" if server.poll() is None else "ended at once"
    raise RunFailed(
        f"the Prefect server of this command {why}; run the command again, or start a server with `prefect server"
        " start` and name it in PREFECT_API_URL"
    )
