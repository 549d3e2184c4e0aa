"""Builds what a deployment contains at Prefect's server, and reads it in a form that can be compared."""

from collections.abc import Mapping
from typing import Any, Final

from prefect import Flow
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.objects import ConcurrencyLimitStrategy, ConcurrencyOptions
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule, RRuleSchedule
from prefect.exceptions import ParameterTypeError
from prefect.logging.loggers import disable_logger
from prefect.utilities.callables import parameter_schema
from pydantic import ValidationError

from flows.sources.deployments import Deployment
from flows.sources.request import NEEDS_HOME
from flows.support.errors import InputRefused

TAG: Final = "ndtms"
# A run in a directory of its own has no ./workspace. Heartbeats let the alarm `stuck` detect that a worker died.
_ENVIRONMENT: Final = {
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    NEEDS_HOME: "1",
}
# Only one process may write to a home, so such a run waits for the previous run. The others skip a run.
_WRITES = ("monthly", "submission", "backfill")


def build_content(deployment: Deployment, flow: Flow[..., Any]) -> dict[str, Any]:
    """Returns a deployment as Prefect's client takes it, without its flow, name and pool.

    Raises:
        InputRefused: the schedule or a parameter is wrong; the text names the deployment, and no value.
    """
    _check_parameters(deployment, flow)
    is_writer = deployment.flow in _WRITES
    strategy = ConcurrencyLimitStrategy.ENQUEUE if is_writer else ConcurrencyLimitStrategy.CANCEL_NEW
    return {
        "entrypoint": f"flows.{deployment.flow}.{deployment.flow}",
        "path": None,
        "pull_steps": [],
        "description": deployment.description,
        "tags": [TAG, "dataset-r"] if is_writer else [TAG],
        "parameters": deployment.parameters,
        "parameter_openapi_schema": parameter_schema(flow).model_dump(mode="json", exclude_unset=True),
        "enforce_parameter_schema": True,
        "schedules": _build_schedules(deployment),
        "concurrency_limit": 1,
        "concurrency_options": ConcurrencyOptions(collision_strategy=strategy),
        "job_variables": {"env": _ENVIRONMENT},
        "paused": False,
    }


def read_content(found: DeploymentResponse | Mapping[str, Any]) -> dict[str, Any]:
    """Returns the parts of a deployment that `build_content` sets, in the same form for one from the server."""
    if isinstance(found, DeploymentResponse):
        limit = found.global_concurrency_limit
        content = {**found.model_dump(), "concurrency_limit": limit.limit if limit else None}
        content |= {"schedules": found.schedules, "concurrency_options": found.concurrency_options}
    else:
        content = dict(found)
    options = content["concurrency_options"]
    # A schedule of the server also has ids and moments.
    schedules = sorted(
        (schedule.schedule.model_dump_json(exclude={"anchor_date"}), schedule.active)
        for schedule in content["schedules"]
    )
    return {
        **{name: content[name] for name in _COMPARED},
        "tags": sorted(content["tags"]),
        "pull_steps": content["pull_steps"] or [],
        "schedules": schedules,
        "strategy": options.collision_strategy if options else None,
    }


_COMPARED = (
    "entrypoint", "path", "description", "parameters", "parameter_openapi_schema", "enforce_parameter_schema",
    "concurrency_limit", "job_variables", "paused",
)  # fmt: skip


def _check_parameters(deployment: Deployment, flow: Flow[..., Any]) -> None:
    schema = parameter_schema(flow)
    allowed, required = list(schema.properties), schema.required or []
    unknown = [name for name in deployment.parameters if name not in allowed]
    missing = [name for name in required if name not in deployment.parameters]
    mistake = ""
    if unknown:
        mistake = f"parameters.{unknown[0]} is not a parameter of {deployment.flow}; allowed: {', '.join(allowed)}"
    elif missing:
        mistake = f"parameters.{missing[0]} is missing; {deployment.flow} needs {', '.join(required)}"
    else:
        try:
            # Prefect would log the values, of which one may be a password.
            with disable_logger("prefect.flows"):
                flow.validate_parameters(deployment.parameters)
        except ParameterTypeError:
            mistake = f"a parameter has the wrong type; docs/operating.md lists those of {deployment.flow}"
    if mistake:
        raise InputRefused(f"deployment {deployment.name}: {mistake}")


def _build_schedules(deployment: Deployment) -> list[DeploymentScheduleCreate]:
    try:
        if deployment.cron:
            timing: CronSchedule | RRuleSchedule = CronSchedule(cron=deployment.cron, timezone=deployment.timezone)
        elif deployment.rrule:
            timing = RRuleSchedule(rrule=deployment.rrule, timezone=deployment.timezone)
        else:
            return []
    except ValidationError:
        kind = "cron" if deployment.cron else "rrule"
        example = "0 6 3 * *" if deployment.cron else "FREQ=MONTHLY;BYMONTHDAY=3;BYHOUR=6"
        raise InputRefused(f'deployment {deployment.name}: {kind} is not a schedule; write it as "{example}"') from None
    return [DeploymentScheduleCreate(schedule=timing, active=deployment.active)]
