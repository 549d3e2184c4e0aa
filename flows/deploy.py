"""Registers the deployments of a site with Prefect's server, and changes nothing that is already as it must be.

A deployment names its flow as a module, so that no path of the machine that deploys is stored.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import polars as pl
from prefect import Flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterTags,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.workers.process import ProcessWorker

from flows.backfill import backfill
from flows.files.locations import redact_url
from flows.monthly import monthly
from flows.months.deployment_content import TAG, build_content, read_content
from flows.reminder import reminder
from flows.sources.deployments import Deployment, DeploymentFile
from flows.submission import submission
from flows.support.errors import InputRefused
from flows.support.prefect_server import find_server_url, is_server_configured, refuse_silent_server
from flows.watch import watch

FLOWS: Final[dict[str, Flow[..., Any]]] = {
    "monthly": monthly, "submission": submission, "backfill": backfill, "reminder": reminder, "watch": watch,
}  # fmt: skip
_AT_ONCE = 200


def deploy(file: DeploymentFile, *, prunes: bool = False) -> pl.DataFrame:
    """Registers the deployments of a file and creates the work pool if it is missing.

    Args:
        file: the deployments, from `read_deployments`.
        prunes: whether to remove the deployments of the work pool that are not in the file.

    Returns:
        A row for each deployment with what became of it.

    Raises:
        InputRefused: no server is configured, it does not answer or it refuses, or a deployment is wrong.
    """
    contents = _build_contents(file)
    with _connect() as client:
        _create_missing_pool(client, file.pool)
        rows = []
        for deployment, content in contents:
            state = _compare(client, deployment, content, file.pool)
            if state != "unchanged":
                flow_id = client.create_flow_from_name(deployment.flow)
                client.create_deployment(flow_id=flow_id, name=deployment.name, work_pool_name=file.pool, **content)
            rows.append(_build_row(deployment, {"new": "created", "changed": "updated"}.get(state, state)))
        for name, other in _find_others(client, file).items():
            if prunes:
                client.delete_deployment(other.id)
            rows.append(_build_row(name, "removed" if prunes else "not in the file"))
    return _build_frame(rows)


def preview(file: DeploymentFile) -> pl.DataFrame:
    """Returns what `deploy` would do; without a configured server, what it would register.

    Raises:
        InputRefused: the server does not answer or refuses, or a deployment is wrong.
    """
    contents = _build_contents(file)
    if not is_server_configured():
        return _build_frame([_build_row(item, "not compared") for item, _ in contents])
    with _connect() as client:
        rows = [_build_row(item, _compare(client, item, content, file.pool)) for item, content in contents]
        return _build_frame([*rows, *(_build_row(name, "not in the file") for name in _find_others(client, file))])


def _build_contents(file: DeploymentFile) -> list[tuple[Deployment, dict[str, Any]]]:
    return [(deployment, build_content(deployment, FLOWS[deployment.flow])) for deployment in file.deployments]


@contextmanager
def _connect() -> Iterator[SyncPrefectClient]:
    """Yields a client of the configured server, and turns its errors into refusals."""
    refuse_silent_server()
    # Prefect has read its own settings when it was imported.
    url, _ = find_server_url()
    with temporary_settings({PREFECT_API_URL: url}), get_client(sync_client=True) as client:
        try:
            yield client
        except PrefectHTTPStatusError as error:
            raise InputRefused(
                f"{redact_url(url)}: the Prefect server refuses with status {error.response.status_code}; check"
                " PREFECT_API_AUTH_STRING, and that the server has the same version of Prefect"
            ) from None


def _create_missing_pool(client: SyncPrefectClient, name: str) -> None:
    try:
        client.read_work_pool(name)
    except ObjectNotFound:
        template = ProcessWorker.get_default_base_job_template()
        client.create_work_pool(WorkPoolCreate(name=name, type="process", base_job_template=template))


def _compare(client: SyncPrefectClient, deployment: Deployment, content: dict[str, Any], pool: str) -> str:
    """Returns whether a deployment is `new`, `changed` or `unchanged`."""
    try:
        found = client.read_deployment_by_name(deployment.full_name)
    except ObjectNotFound:
        return "new"
    is_same = found.work_pool_name == pool and read_content(found) == read_content(content)
    return "unchanged" if is_same else "changed"


def _find_others(client: SyncPrefectClient, file: DeploymentFile) -> dict[str, DeploymentResponse]:
    """Returns the deployments of the pool that have the tag of these, and are not in the file, by name."""
    names = {deployment.full_name for deployment in file.deployments}
    found: list[DeploymentResponse] = []
    while page := client.read_deployments(
        deployment_filter=DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG])),
        work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[file.pool])),
        limit=_AT_ONCE,
        offset=len(found),
    ):
        found += page
    flows = {flow_id: client.read_flow(flow_id).name for flow_id in {other.flow_id for other in found}}
    named = {f"{flows[other.flow_id]}/{other.name}": other for other in found}
    return {name: named[name] for name in sorted(named) if name not in names}


def _build_row(deployment: Deployment | str, state: str) -> tuple[str, str, str, str]:
    if isinstance(deployment, str):
        return deployment, state, "", ""
    parameters = ", ".join(f"{name} = {json.dumps(value)}" for name, value in deployment.parameters.items())
    return deployment.full_name, state, deployment.schedule, parameters


def _build_frame(rows: Sequence[tuple[str, str, str, str]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["deployment", "state", "schedule", "parameters"], orient="row")
