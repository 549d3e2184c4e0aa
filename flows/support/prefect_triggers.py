"""Builds triggers of Prefect automations for runs of flows of the project."""

from datetime import timedelta

from prefect.events.schemas.automations import EventTrigger, Posture

PER_RUN = "prefect.resource.id"
PER_FLOW = "related:flow:prefect.resource.id"
_RUN: dict[str, str | list[str]] = {PER_RUN: "prefect.flow-run.*"}


def name_events(*states: str) -> set[str]:
    """Returns the events that Prefect sends when a run gets one of the states."""
    return {f"prefect.flow-run.{state}" for state in states}


def fire_once(events: set[str], flows: tuple[str, ...], per: str, once_in: timedelta) -> EventTrigger:
    """Returns a trigger that fires at the first of the events, once for each run or flow within a time."""
    return EventTrigger(
        posture=Posture.Reactive,
        expect=events,
        match=_RUN,
        match_related=_match_flows(flows),
        for_each={per},
        within=once_in,
    )


def fire_unless_followed(
    after: set[str], expect: set[str], flows: tuple[str, ...], within: timedelta, per: str = PER_RUN
) -> EventTrigger:
    """Returns a trigger that fires when none of the expected events follows the first ones in time."""
    return EventTrigger(
        posture=Posture.Proactive,
        after=after,
        expect=expect,
        match=_RUN,
        match_related=_match_flows(flows),
        for_each={per},
        within=within,
        threshold=1,
    )


def _match_flows(names: tuple[str, ...]) -> dict[str, str | list[str]]:
    return {"prefect.resource.role": "flow", "prefect.resource.name": list(names)}
