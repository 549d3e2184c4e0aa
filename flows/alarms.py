"""Sets the alarms: which block the watch and the reminder notify, and automations for what a worker cannot report."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID

from prefect.automations import Automation
from prefect.blocks.core import Block
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState, SendNotification

from flows.months.run_alarms import INCOMPLETE, MARKED
from flows.support.errors import InputRefused
from flows.support.heartbeats import HEARTBEAT
from flows.support.notifications import keep_notifier
from flows.support.prefect_triggers import PER_FLOW, fire_once, fire_unless_followed, name_events
from flows.watch import WATCH, WATCHED

# A run gets the name with its agency and month only when it starts.
_RUN_DUE = (
    "{{ flow.name }}, due {{ (flow_run.expected_start_time | string)[:16] }}, has not started;"
    " check that a worker is running"
)
_NO_HEARTBEAT = "it sends no heartbeat, its process probably ended; run the month again"
_UNWATCHED = "the watch has not been completed for some time, and no failure is reported; check the worker"
# What the watch and the reminder report.
_OF_FLOWS = ("ndtms: failed", "ndtms: blocked", "ndtms: stuck", "ndtms: not landed yet")
# The names that earlier versions gave.
_FORMER = ("ndtms: missing", "ndtms: failed", "ndtms: blocked", "ndtms: stuck")
# A watch that fails does so again every five minutes.
_ONCE_A_DAY = timedelta(days=1)
_FAILURES = name_events("Failed", "Crashed", "TimedOut")
_ENDS = _FAILURES | name_events("Completed", "Blocked", INCOMPLETE, "Cancelled", MARKED)
# What follows when a late run starts after all, or must not start any more.
_STARTS = _ENDS | name_events("Scheduled", "Pending", "Running", "Cancelling", "AwaitingConcurrencySlot")


@dataclass(frozen=True)
class Waits:
    """How long the alarms wait for what should happen.

    `heartbeat`: of a run that has sent one, before it is marked as stuck.  `start`: of a run that Prefect calls late,
    which it does after some seconds.  `watch`: after a run of the watch, before the next must have been completed.
    """

    heartbeat: timedelta = timedelta(seconds=90)
    start: timedelta = timedelta(minutes=5)
    watch: timedelta = timedelta(hours=1)


def alarms(block: UUID, waits: Waits | None = None) -> list[Automation]:
    """Returns the automations.

    Args:
        block: the id of the notification block that sends the messages.
        waits: how long they wait for what should happen.
    """
    waits = waits or Waits()
    return [
        Automation(
            name="ndtms: late",
            description="A scheduled run did not start; a worker may not be running.",
            trigger=fire_unless_followed(name_events("Late"), _STARTS, WATCHED, waits.start),
            actions=[_notify(block, "NDTMS: late", _RUN_DUE)],
        ),
        Automation(
            name="ndtms: silent",
            description="A run sends no heartbeat: unless it ended, it is marked, and the watch reports the mark.",
            trigger=fire_unless_followed({HEARTBEAT}, {HEARTBEAT, *_ENDS}, (*WATCHED, WATCH), waits.heartbeat),
            # Prefect does not mark a run that has ended, not even if its last heartbeat arrives after its end.
            actions=[ChangeFlowRunState(state=StateType.CRASHED, name=MARKED, message=_NO_HEARTBEAT, force=False)],
        ),
        Automation(
            name="ndtms: watch failed",
            description="The watch fails; reported once a day.",
            trigger=fire_once(_FAILURES, (WATCH,), PER_FLOW, _ONCE_A_DAY),
            actions=[_notify(block, "NDTMS: failed", "{{ flow.name }}: {{ event.payload.validated_state.message }}")],
        ),
        Automation(
            name="ndtms: unwatched",
            description="The watch has stopped; a worker may not be running.",
            trigger=fire_unless_followed(
                name_events("Completed"), name_events("Completed"), (WATCH,), waits.watch, PER_FLOW
            ),
            actions=[_notify(block, "NDTMS: unwatched", _UNWATCHED)],
        ),
    ]


def set_alarms(block: str, waits: Waits | None = None) -> list[str]:
    """Creates the alarms in Prefect, replaces those of the same name, and returns the names of all alarms.

    Args:
        block: a notification block, as TYPE/NAME, such as custom-webhook/ward or slack-webhook/ward.
        waits: how long the alarms wait for what should happen.

    Raises:
        InputRefused: there is no such block, or it was never saved.
    """
    try:
        notifier = cast("Block", Block.load(block))
    except (ValueError, KeyError):
        raise InputRefused(f"{block}: there is no such notification block; write it as TYPE/NAME") from None
    if notifier._block_document_id is None:
        raise InputRefused(f"{block}: the block was never saved; save it in Prefect first")
    automations = alarms(notifier._block_document_id, waits)
    for name in (*(alarm.name for alarm in automations), *_FORMER):
        # Prefect raises ValueError if no automation has this name.
        with suppress(ValueError):
            cast("Automation", Automation.read(name=name)).delete()
    for alarm in automations:
        alarm.create()
    keep_notifier(block, datetime.now(UTC))
    return [*_OF_FLOWS, *(alarm.name for alarm in automations)]


def _notify(block: UUID, subject: str, body: str) -> SendNotification:
    return SendNotification(block_document_id=block, subject=subject, body=body)
