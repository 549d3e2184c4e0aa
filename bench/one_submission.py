"""Measures the commands for the month of one prison, each in its own process: python -m bench.one_submission.

`check` takes at most 1.3 times the import of its libraries, a direct `submit` at most 2.0 times `check`, and one that
runs on a Prefect server at most 3.0 times.  They run alternately, so that a machine that slows down slows all of them.
"""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.figures import Figure, print_figures
from bench.profiles import profile_steps

ROOT = Path(__file__).parents[1]
ROUNDS = 9
MONTH = ("--source", "orchard", "--period", "2023-04", "--agency", "L0001", "--extracted-on", "2023-05-03")
_IMPORTS = (sys.executable, "-c", "import polars, duckdb, pandera.polars")
_NDTMS = (sys.executable, "-m", "flows")
_SECONDS_TO_START = 120


def measure() -> Iterator[Figure]:
    """Yields the ratio of each command to what it is compared with."""
    with tempfile.TemporaryDirectory() as name, _prefect_server(Path(name)) as url:
        folder = Path(name)
        alone = {"PREFECT_HOME": str(folder / "no server"), "PREFECT_API_URL": ""}
        taken: dict[str, list[float]] = {"imports": [], "check": [], "submit": [], "submit on a server": []}
        # The first round fills the caches of the operating system, and does not count.
        for number in range(ROUNDS + 1):
            found = {
                "imports": measure_command(_IMPORTS, alone),
                "check": measure_command((*_NDTMS, "check", *MONTH, "--home", str(folder / "checked")), alone),
                "submit": measure_command((*_NDTMS, "submit", *MONTH, "--home", str(folder / f"{number}")), alone),
                "submit on a server": measure_command(
                    (*_NDTMS, "submit", *MONTH, "--home", str(folder / f"served-{number}")), {"PREFECT_API_URL": url}
                ),
            }
            if number:
                for what, seconds in found.items():
                    taken[what].append(seconds)
    medians = {what: statistics.median(seconds) for what, seconds in taken.items()}
    yield _compare("check of a month", medians["check"], "the imports", medians["imports"], 1.3)
    yield _compare("submit of a month", medians["submit"], "check", medians["check"], 2.0)
    yield _compare("submit of a month on a server", medians["submit on a server"], "check", medians["check"], 3.0)


def measure_command(command: tuple[str, ...], environment: Mapping[str, str], cwd: Path = ROOT) -> float:
    """Returns the seconds that a command takes, from its start until its process has ended."""
    start = time.perf_counter()
    done = subprocess.run(
        command, env={**os.environ, **environment}, cwd=cwd, capture_output=True, text=True, check=False
    )  # fmt: skip
    taken = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed: {done.stderr}")
    return taken


@contextmanager
def _prefect_server(folder: Path) -> Iterator[str]:
    """Runs a Prefect server on loopback, and yields the address of its API."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {"PREFECT_HOME": str(folder / "server"), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    server = subprocess.Popen(
        [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port), "--no-ui"],
        env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_until_it_answers(f"http://127.0.0.1:{port}/api/health")
        yield f"http://127.0.0.1:{port}/api"
    finally:
        server.terminate()
        server.wait()


def _wait_until_it_answers(url: str) -> None:
    until = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    sys.exit("the Prefect server did not start")


def _compare(what: str, taken: float, floor: str, floor_taken: float, goal: float) -> Figure:
    ratio = taken / floor_taken
    return Figure(what, ratio, f"x {floor}", goal, f"{taken:.2f} s", _profile(what) if ratio > goal else "")


def _profile(what: str) -> str:
    with tempfile.TemporaryDirectory() as home:
        return profile_steps(
            (*_NDTMS, what.split(maxsplit=1)[0], *MONTH, "--home", home), ROOT, {"PREFECT_API_URL": ""}
        )


if __name__ == "__main__":
    print_figures(measure())
