"""The command that sets the alarms."""

import sys

from flows.cli.options import Notify
from flows.cli.terminal import show_activity
from flows.support.prefect_server import refuse_silent_server


def alarms(notify: Notify) -> None:
    """Set the alarms: failed, blocked, late and stuck runs, and months that have not landed."""
    # Prefect takes a second to load, which the other commands need not wait for.
    from flows.alarms import set_alarms  # noqa: PLC0415

    refuse_silent_server()
    with show_activity("setting the alarms"):
        lines = set_alarms(notify)
    sys.stdout.write("\n".join(lines) + "\n")
