"""A worker that is killed with its run: the run is found and marked, reported once, and the month can be run again."""

from pathlib import Path

import psutil

from tests.served.serving import NO_HEARTBEAT, SAVE_BLOCK, count_messages, receiver, run_code, server, until, worker
from tests.served.shares import deployed, hanging_share, runs_with_heartbeat, states
from tests.support.exports import TWO_CLIENTS, write_export

SET_ALARMS = """
from datetime import timedelta
from flows.alarms import Waits, set_alarms
set_alarms("custom-webhook/ward", Waits(heartbeat=timedelta(seconds=60)))
"""


def kill_with_runs(worker_process: int) -> None:
    """What a machine that loses its power does to a worker and the runs it started."""
    of_worker = psutil.Process(worker_process)
    for process in [*of_worker.children(recursive=True), of_worker]:
        process.kill()


def test_a_killed_worker_s_run_is_found_and_the_month_can_be_run_again(tmp_path: Path) -> None:
    export = write_export(tmp_path / "export", *TWO_CLIENTS)
    with server(tmp_path) as served, receiver() as received, hanging_share(export) as share:
        run_code(served, SAVE_BLOCK, url=received.url)
        run_code(served, SET_ALARMS)
        served.prefect("work-pool", "create", "ndtms", "--type", "process")
        served.prefect("deploy", "--prefect-file", str(deployed(tmp_path, share.mapping)), "--all")
        served.prefect("deployment", "run", "monthly/monthly-submission")
        with worker(served) as running:
            # A run that is killed before its first heartbeat is never found, so both must have sent one.
            until(lambda: len(runs_with_heartbeat(served)) == 2, "a heartbeat of the run and of its submission", 300)
            kill_with_runs(running.pid)
        until(lambda: str(states(served)).count("Stuck") == 2, "both runs are marked", 300, lambda: states(served))
        share.answers.set()
        served.prefect("deployment", "run", "monthly/monthly-submission")
        with worker(served):
            landed = tmp_path / "home" / "submissions" / "L0001" / "L0001-20230401-20230430-TREAT-IN-R.csv"
            until(landed.exists, "the month is landed", 300, lambda: states(served))
            for ended in (1, 2):
                served.prefect("deployment", "run", "watch/watch")
                watches = {
                    "flows": {"name": {"any_": ["watch"]}},
                    "flow_runs": {"state": {"name": {"any_": ["Completed"]}}},
                }
                until(lambda: len(served.asked("flow_runs/filter", **watches)) == ended, "the watch", 120)  # noqa: B023
            until(
                lambda: states(served)["L0001 2023-04"] == ["Stuck", "Stuck", "Completed", "Completed"], "the ends", 120
            )
        reported = count_messages(received)
    assert reported.keys() == {
        f"stuck: monthly: L0001 2023-04: {NO_HEARTBEAT}",
        f"stuck: submission: L0001 2023-04: {NO_HEARTBEAT}",
    }
    assert reported.total() == len(reported), reported
