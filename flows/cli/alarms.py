"""The command that puts the alarms in force."""

import sys

from flows.cli.options import Notify


def alarms(notify: Notify) -> None:
    """Put the alarms in force: failed, blocked, late, stuck, and months that are not landed yet."""
    # Prefect takes a second to load, which the other commands need not wait for.
    from flows.alarms import set_alarms  # noqa: PLC0415

    sys.stdout.write("\n".join(set_alarms(notify)) + "\n")
