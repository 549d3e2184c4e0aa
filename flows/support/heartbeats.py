"""Sends the heartbeats of a flow run that a command started, which show a server that the run's process still works.

Prefect sends them every three minutes, by which time the alarm `stuck` has marked the run, and lets the end of a run
wait for its thread up to a second.  A deployment sets its own time, and Prefect sends them then.
"""

import contextvars
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from prefect.context import FlowRunContext
from prefect.events import emit_event
from prefect.settings import get_current_settings

HEARTBEAT = "prefect.flow-run.heartbeat"
_SECONDS_BETWEEN = 30.0


@contextmanager
def send_heartbeats() -> Iterator[None]:
    """Sends heartbeats of the current flow run inside the block, unless Prefect does or there is no run."""
    context = FlowRunContext.get()
    run = context.flow_run if context else None
    if context is None or run is None or get_current_settings().flows.heartbeat_frequency is not None:
        yield
        return
    resource = {"prefect.resource.id": f"prefect.flow-run.{run.id}", "prefect.resource.name": run.name}
    flow = {
        "prefect.resource.id": f"prefect.flow.{run.flow_id}",
        "prefect.resource.role": "flow",
        "prefect.resource.name": context.flow.name if context.flow else "",
    }
    ended = threading.Event()

    def send_until_the_end() -> None:
        while True:
            emit_event(HEARTBEAT, resource, related=[flow])
            if ended.wait(_SECONDS_BETWEEN):
                return

    # With the context of this thread, in which Prefect finds the address of the server.
    thread = threading.Thread(target=contextvars.copy_context().run, args=(send_until_the_end,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
