"""The watch: reports each run that failed, is blocked or does not end, once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from prefect import flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType

from flows.months.run_alarms import ENDED_BADLY, UNENDED, RunState, find_alarm
from flows.support.hidden_values import hidden_values
from flows.support.notifications import load_notifier

WATCH = "watch"
WATCHED = ("submission", "backfill", "monthly", "reminder")
_AT_ONCE = 200


@flow(name=WATCH, persist_result=False, log_prints=False, timeout_seconds=300)
@hidden_values()
def watch(hours: float = 2.0, backfill_hours: float = 24.0) -> list[str]:
    """Reports each run that failed or is blocked, or has not ended for too long, once, and tags it.

    Without `ndtms alarms` it does nothing.

    Args:
        hours: how long a run may take.
        backfill_hours: how long a backfill may take.

    Returns:
        The notifications it sent.
    """
    notifier = load_notifier()
    if notifier is None:
        return []
    limits = dict.fromkeys(WATCHED, timedelta(hours=hours)) | {"backfill": timedelta(hours=backfill_hours)}
    sent = []
    with get_client(sync_client=True) as client:
        for name, limit in limits.items():
            for run in list(_read_runs(client, name, notifier.since)):
                alarm = find_alarm(_describe(name, run), limit, datetime.now(UTC))
                if alarm is None:
                    continue
                notifier.send(alarm.subject, alarm.body)
                # Afterwards: an alarm that could not be sent is sent by the next run of the watch.
                client.update_flow_run(run.id, tags=[*run.tags, alarm.tag]).raise_for_status()
                sent.append(f"{alarm.subject}: {alarm.body}")
    return sent


def _read_runs(client: SyncPrefectClient, name: str, since: datetime) -> Iterator[FlowRun]:
    """Yields the runs of a flow that have not ended, and those that ended badly since a time."""
    for filtered in (
        FlowRunFilter(state=_filter_types(UNENDED)),
        FlowRunFilter(
            state=_filter_types(ENDED_BADLY), end_time=FlowRunFilterEndTime.model_validate({"after_": since})
        ),
    ):
        start = 0
        while runs := client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=[name])),
            flow_run_filter=filtered,
            limit=_AT_ONCE,
            offset=start,
        ):
            yield from runs
            start += len(runs)


def _filter_types(types: tuple[str, ...]) -> FlowRunFilterState:
    return FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType(name) for name in types]))


def _describe(flow_name: str, run: FlowRun) -> RunState:
    if run.state is None:
        return RunState(flow_name, run.name, "", "", "", datetime.now(UTC))
    state = run.state
    return RunState(
        flow_name,
        run.name,
        state.type.value,
        state.name or "",
        state.message or "",
        state.timestamp,
        run.run_count,
        tuple(run.tags),
    )
