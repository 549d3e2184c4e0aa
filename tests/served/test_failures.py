"""What goes wrong in a month, with a real server and worker: each alarm arrives once, and no other arrives."""

import json
import urllib.request
import uuid
from pathlib import Path

from flows.sources.named_mappings import SOURCES_DIRECTORY
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
    worker,
)
from tests.served.shares import deployed, hanging_share, runs_with_heartbeat, states
from tests.support.exports import TWO_CLIENTS, write_export

# A run sends a heartbeat every thirty seconds.
SET_ALARMS = """
from datetime import timedelta
from flows.alarms import Waits, set_alarms
set_alarms("custom-webhook/ward", Waits(heartbeat=timedelta(seconds=35)))
"""
WATCH = """
from flows.watch import watch
print([len(watch(0.0001)), len(watch(0.0001))])
"""


def run_month(served: Served, period: str, **parameters: object) -> None:
    """Lets the worker run the monthly deployment, as `prefect deployment run` does."""
    found = json.load(urllib.request.urlopen(f"{served.url}/api/deployments/name/monthly/monthly-submission"))
    served.asked(
        f"deployments/{found['id']}/create_flow_run",
        state={"type": "SCHEDULED"},
        # So that a request that is repeated starts no second run.
        idempotency_key=uuid.uuid4().hex,
        parameters={**found["parameters"], "period": period, **parameters},
    )


def test_each_failure_is_reported_once(tmp_path: Path) -> None:
    damaged = write_export(tmp_path / "damaged", *TWO_CLIENTS)
    (damaged / "clients.csv").write_text("CLIENTID,CLIENTID\n", encoding="utf-8")
    export = write_export(tmp_path / "export", *TWO_CLIENTS)
    with server(tmp_path) as served, receiver() as received, hanging_share(export) as share:
        run_code(served, SAVE_BLOCK + SET_ALARMS, url=received.url)
        served.prefect("work-pool", "create", "ndtms", "--type", "process")
        file = deployed(tmp_path, share.mapping, has_limit=False)
        served.prefect("deploy", "--prefect-file", str(file), "--name", "monthly-submission")
        with worker(served):
            run_month(served, "2023-04")
            until(lambda: len(runs_with_heartbeat(served)) == 2, "the share hangs", 120, lambda: states(served))
            # A run that ends within a second.
            run_month(served, "2023-01", source="orchard")
            run_month(served, "2023-02", source=str(damaged), agencies=None)
            run_month(served, "2023-03", source=str(damaged))
            ended = {
                "L0001 2023-01": ["Failed"],
                "all agencies 2023-02": ["Failed"],
                "L0001 2023-03": ["Incomplete", "Failed"],
                "L0001 2023-04": ["Running", "Running"],
            }
            until(lambda: states(served) == ended, "three runs have ended", 120, lambda: states(served))
            watched = run_code(served, WATCH)
            # What a false alarm of the runs above waits for, this one waits for too, and it began later.
            run_code(served, STOP_BREATHING)
            share.answers.set()
            until(lambda: states(served)["L0001 2023-04"] == ["Completed"] * 2, "the month is landed", 120)
            until(
                lambda: states(served)["L0001 2023-01"] == ["Failed", "Stuck"], "the mark", 120, lambda: states(served)
            )
            watched += run_code(served, WATCH)
    assert watched.split("\n") == ["[5, 0]", "[1, 0]", ""]
    reported = count_messages(received)
    same_name = f"{damaged / 'clients.csv'}, line 1: the columns 1, 2 have the same name; each name is allowed once"
    too_long = (
        "it has been Running for more than 0.0001 hours; check that its export can be read,"
        " and cancel the run before you run the month again"
    )
    [no_export] = [message for message in reported if message.startswith("failed: monthly: L0001 2023-01: ")]
    assert no_export.endswith(
        "/examples/orchard/2023-01: there is no export of 2023-01; check the month, and the location of the mapping"
        f" {SOURCES_DIRECTORY / 'orchard.toml'}"
    )
    assert reported.keys() == {
        no_export,
        f"failed: monthly: all agencies 2023-02: {same_name}",
        f"failed: submission: L0001 2023-03: {same_name}",
        f"stuck: monthly: L0001 2023-04: {too_long}",
        f"stuck: submission: L0001 2023-04: {too_long}",
        f"stuck: submission: L0001 2023-01: {NO_HEARTBEAT}",
    }
    assert reported.total() == len(reported), reported
