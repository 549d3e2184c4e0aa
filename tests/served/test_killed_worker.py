"""A worker that is killed with its run: the run is found and marked, reported once, and the month can be run again."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
import yaml

from schemas.dataset import TABLE
from tests.served.serving import ROOT, SAVE_BLOCK, Served, receiver, run_code, server, until, worker
from tests.support.exports import TWO_CLIENTS, write_export

SET_ALARMS = """
from datetime import timedelta
from flows.alarms import set_alarms
set_alarms("custom-webhook/ward", timedelta(seconds=60))
"""


def deployed(folder: Path, export: Path) -> Path:
    """The monthly deployment for one agency of an export, without a schedule."""
    content = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
    [monthly] = [deployment for deployment in content["deployments"] if deployment["name"] == "monthly-submission"]
    monthly["parameters"] = {"source": str(export), "home": str(folder / "home"), "period": "2023-04"}
    monthly["parameters"] |= {"agencies": ["L0001"]}
    monthly["schedules"] = []
    file = folder / "prefect.yaml"
    file.write_text(yaml.safe_dump(content | {"deployments": [monthly]}), encoding="utf-8")
    return file


@dataclass(frozen=True)
class Share:
    """A share that does not answer until the test lets it, and a mapping whose clients are on it."""

    mapping: Path
    answers: threading.Event


@contextmanager
def hanging_share(export: Path) -> Iterator[Share]:
    answers = threading.Event()

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(export))

        def do_GET(self) -> None:
            answers.wait()
            super().do_GET()

        def do_HEAD(self) -> None:
            answers.wait()
            super().do_HEAD()

        def log_message(self, *_arguments: object) -> None:
            """Says nothing."""

    web = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    files = {table: f"{table}.csv" for table in TABLE.values()}
    files["clients"] = f"http://127.0.0.1:{web.server_port}/clients.csv"
    tables = "".join(f'[{table}]\nby_header = true\nfile = "{file}"\n' for table, file in files.items())
    mapping = export / "share.toml"
    mapping.write_text(f'name = "share"\n{tables}', encoding="utf-8")
    try:
        yield Share(mapping, answers)
    finally:
        answers.set()
        web.shutdown()
        web.server_close()


def kill_with_runs(worker_process: int) -> None:
    """What a machine that loses its power does to a worker and the runs it started."""
    of_worker = psutil.Process(worker_process)
    for process in [*of_worker.children(recursive=True), of_worker]:
        process.kill()


def states(served: Served) -> dict[str, list[str]]:
    runs = sorted(served.asked("flow_runs/filter"), key=lambda run: str(run["created"]))
    found: dict[str, list[str]] = {}
    for run in runs:
        found.setdefault(run["name"], []).append(run["state"]["name"])
    return found


def runs_with_heartbeat(served: Served) -> set[str]:
    beats = {"event": {"name": ["prefect.flow-run.heartbeat"]}}
    return {event["resource"]["prefect.resource.id"] for event in served.asked("events/filter", filter=beats)["events"]}


def test_a_killed_worker_s_run_is_found_and_the_month_can_be_run_again(tmp_path: Path) -> None:
    export = write_export(tmp_path / "export", *TWO_CLIENTS)
    with server(tmp_path) as served, receiver() as received, hanging_share(export) as share:
        run_code(served, SAVE_BLOCK, url=received.url)
        run_code(served, SET_ALARMS)
        served.prefect("work-pool", "create", "ndtms", "--type", "process")
        served.prefect(
            "deploy", "--prefect-file", str(deployed(tmp_path, share.mapping)), "--name", "monthly-submission"
        )
        served.prefect("deployment", "run", "monthly/monthly-submission")
        with worker(served) as running:
            # A run that is killed before its first heartbeat is never found, so both must have sent one.
            until(lambda: len(runs_with_heartbeat(served)) == 2, "a heartbeat of the run and of its submission", 300)
            kill_with_runs(running.pid)
        until(lambda: "Stuck" in str(states(served)), "the run is marked", 300, lambda: states(served))
        share.answers.set()
        served.prefect("deployment", "run", "monthly/monthly-submission")
        with worker(served):
            landed = tmp_path / "home" / "submissions" / "L0001" / "L0001-20230401-20230430-TREAT-IN-R.csv"
            until(landed.exists, "the month is landed", 300, lambda: states(served))
            ended = {"L0001 2023-04": ["Stuck", "Stuck", "Completed", "Completed"]}
            until(
                lambda: states(served) == ended,
                "both runs and their submissions have ended",
                120,
                lambda: states(served),
            )
        reported = Counter(message["body"] for message in received.reported if message["subject"] == "NDTMS: stuck")
    assert reported.keys() == {"monthly: L0001 2023-04", "submission: L0001 2023-04"}
    # A server that could not save that it has sent a message sends it again.
    assert reported.total() - len(reported) <= served.count_repeats(), reported
