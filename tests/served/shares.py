"""An export on a share that does not answer, and the monthly deployment that reads it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

from schemas.dataset import TABLE
from tests.served.serving import ROOT, Served


def deployed(folder: Path, export: Path, *, has_limit: bool = True) -> Path:
    """The monthly deployment for one agency of an export, and the watch, without schedules."""
    content = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
    [monthly] = [deployment for deployment in content["deployments"] if deployment["name"] == "monthly-submission"]
    monthly["parameters"] = {"source": str(export), "home": str(folder / "home"), "period": "2023-04"}
    monthly["parameters"] |= {"agencies": ["L0001"]}
    monthly["schedules"] = []
    if not has_limit:
        del monthly["concurrency_limit"]
    file = folder / "prefect.yaml"
    [watch] = [deployment for deployment in content["deployments"] if deployment["name"] == "watch"]
    watch["schedules"] = []
    file.write_text(yaml.safe_dump(content | {"deployments": [monthly, watch]}), encoding="utf-8")
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


def states(served: Served) -> dict[str, list[str]]:
    runs = sorted(served.asked("flow_runs/filter"), key=lambda run: str(run["created"]))
    found: dict[str, list[str]] = {}
    for run in runs:
        found.setdefault(run["name"], []).append(run["state"]["name"])
    return found


def runs_with_heartbeat(served: Served) -> set[str]:
    beats = {"event": {"name": ["prefect.flow-run.heartbeat"]}}
    return {event["resource"]["prefect.resource.id"] for event in served.asked("events/filter", filter=beats)["events"]}
