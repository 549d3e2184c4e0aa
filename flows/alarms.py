"""Alarms as Prefect automations: each sends one notification per event that needs a person."""

from contextlib import suppress
from datetime import timedelta
from typing import cast
from uuid import UUID

from prefect.automations import Automation
from prefect.blocks.core import Block
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState, SendNotification
from prefect.events.schemas.automations import EventTrigger, Posture

from flows.reminder import MISSING
from flows.support.errors import InputRefused

_RUN: dict[str, str | list[str]] = {"prefect.resource.id": "prefect.flow-run.*"}
# A notification leaves this machine, so it holds no value from a record: a run is named after its agency and month.
_RUN_NAME = "{{ flow.name }}: {{ flow_run.name }}"
# A run gets the name with its agency and month only when it starts.
_RUN_DUE = "{{ flow.name }}, due {{ flow_run.expected_start_time }}"
HEARTBEAT = "prefect.flow-run.heartbeat"
_STUCK = "Stuck"
_ENDS = {f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Blocked", "Crashed", "Cancelled", _STUCK)}
# `monthly` fails when its submissions fail, and those have their own alarms.
_REPORTED = ("submission", "backfill")
_WATCHED = (*_REPORTED, "monthly")
STUCK_AFTER = timedelta(seconds=90)
# Prefect may receive an event twice, for example when the answer to the first got lost.
_ONCE_IN = timedelta(minutes=10)


def alarms(block: UUID, stuck_after: timedelta = STUCK_AFTER) -> list[Automation]:
    """Returns the automations.

    Args:
        block: the id of the notification block that sends the messages.
        stuck_after: how long a run may go without a heartbeat.
    """
    return [
        Automation(
            name="ndtms: failed",
            description="A submission or a backfill failed, or its process died.",
            trigger=_build_trigger("prefect.flow-run.Failed", "prefect.flow-run.Crashed", "prefect.flow-run.TimedOut"),
            actions=[_notify(block, "NDTMS: failed", _RUN_NAME)],
        ),
        Automation(
            name="ndtms: blocked",
            description="A rule of severity `file` blocks a submission.",
            trigger=_build_trigger("prefect.flow-run.Blocked"),
            actions=[_notify(block, "NDTMS: blocked", _RUN_NAME)],
        ),
        Automation(
            name="ndtms: late",
            description="A scheduled run did not start in time; a worker may not be running.",
            trigger=EventTrigger(
                posture=Posture.Reactive, expect={"prefect.flow-run.Late"}, match=_RUN,
                for_each={"prefect.resource.id"}, within=_ONCE_IN,
            ),
            actions=[_notify(block, "NDTMS: late", _RUN_DUE)],
        ),
        Automation(
            name="ndtms: silent",
            description="A run sends no heartbeat: unless it ended, it is marked, so that its month can be run again.",
            trigger=EventTrigger(
                posture=Posture.Proactive,
                after={HEARTBEAT},
                expect={HEARTBEAT, *_ENDS},
                match=_RUN,
                match_related=_match_flows(*_WATCHED),
                for_each={"prefect.resource.id"},
                within=stuck_after,
                threshold=1,
            ),
            actions=[ChangeFlowRunState(state=StateType.CRASHED, name=_STUCK, message="no heartbeat", force=False)],
        ),
        # Apart from the one above: a mark that a run already has, or that comes after its end, sends nothing.
        Automation(
            name="ndtms: stuck",
            description="A run was marked because it sent no heartbeat.",
            trigger=_build_trigger(f"prefect.flow-run.{_STUCK}", flows=_WATCHED),
            actions=[_notify(block, "NDTMS: stuck", _RUN_NAME)],
        ),
        Automation(
            name="ndtms: missing",
            description="Five days before the deadline, a month of an agency is not landed.",
            trigger=EventTrigger(
                posture=Posture.Reactive, expect={MISSING}, match={"prefect.resource.id": "ndtms.month.*"},
                for_each={"prefect.resource.id"}, within=_ONCE_IN,
            ),
            actions=[_notify(block, "NDTMS: not landed yet", "{{ event.resource.name }}")],
        ),
    ]  # fmt: skip


def set_alarms(block: str, stuck_after: timedelta = STUCK_AFTER) -> list[str]:
    """Creates the alarms in Prefect, replaces those of the same name, and returns their names.

    Args:
        block: a notification block, as TYPE/NAME, such as custom-webhook/ward or slack-webhook/ward.
        stuck_after: how long a run may go without a heartbeat.

    Raises:
        InputRefused: there is no such block, or it was never saved.
    """
    try:
        notifier = cast("Block", Block.load(block))
    except (ValueError, KeyError):
        raise InputRefused(f"{block}: there is no such notification block; write it as TYPE/NAME") from None
    if notifier._block_document_id is None:
        raise InputRefused(f"{block}: the block was never saved; save it in Prefect first")
    automations = alarms(notifier._block_document_id, stuck_after)
    for alarm in automations:
        # Prefect raises ValueError if no automation has this name yet.
        with suppress(ValueError):
            cast("Automation", Automation.read(name=alarm.name)).delete()
        alarm.create()
    return [alarm.name for alarm in automations]


def _build_trigger(*events: str, flows: tuple[str, ...] = _REPORTED) -> EventTrigger:
    """Returns a trigger that fires once per run of these flows, no matter who started it."""
    return EventTrigger(
        posture=Posture.Reactive,
        expect=set(events),
        match=_RUN,
        match_related=_match_flows(*flows),
        for_each={"prefect.resource.id"},
        within=_ONCE_IN,
    )


def _match_flows(*names: str) -> dict[str, str | list[str]]:
    return {"prefect.resource.role": "flow", "prefect.resource.name": list(names)}


def _notify(block: UUID, subject: str, body: str) -> SendNotification:
    return SendNotification(block_document_id=block, subject=subject, body=body)
