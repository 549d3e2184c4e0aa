"""Defines deployments.toml: which flows run at a site, on which schedule and with which parameters."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from flows.files.toml import read_toml
from flows.sources.config_errors import validate_content
from flows.sources.mapping_files import find_source
from flows.support.errors import InputRefused
from flows.support.site import find_site

EXAMPLE = Path(__file__).parents[2] / "data" / "deployments.toml"
FlowName = Literal["monthly", "submission", "backfill", "reminder", "watch"]
# As `urlsplit` finds it, also in a URL that is otherwise wrong, and in a list.
_PASSWORD = re.compile(r"://[^/?#@]*:[^/?#]*@")
# They must be absolute: the worker runs a flow in a directory that exists only for the run.
_PATHS = ("home", "input_folder", "corrections", "store")


class Deployment(BaseModel):
    """A flow with its parameters, and the schedule on which it runs; without one, it is started manually."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    flow: FlowName
    description: str = ""
    cron: str = ""
    rrule: str = ""
    timezone: str = "Europe/London"
    active: bool = True
    parameters: dict[str, Any] = Field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """Returns the name that Prefect shows: the flow and the deployment."""
        return f"{self.flow}/{self.name}"

    @property
    def schedule(self) -> str:
        """Returns the schedule as one text; blank if there is none."""
        if not (self.cron or self.rrule):
            return ""
        return f"{self.cron or self.rrule} {self.timezone}{'' if self.active else ' (not active)'}"


class DeploymentFile(BaseModel):
    """The deployments of a site, and the work pool of the worker that runs them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pool: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")] = "ndtms"
    deployments: Annotated[tuple[Deployment, ...], Field(alias="deployment")] = ()


def find_deployment_file() -> Path:
    """Returns the path of the site's deployments; without a site, of those of the example.

    Raises:
        InputRefused: there is no such site.
    """
    site = find_site()
    return site / "deployments.toml" if site else EXAMPLE


def read_deployments(path: Path) -> DeploymentFile:
    """Reads a file of deployments.

    Raises:
        InputRefused: the file cannot be read or has a mistake; the text names the file, the deployment and the key.
    """
    missing = f"there is no such file; copy {EXAMPLE} to it and replace the source"
    content = read_toml(path, "deployments", missing=missing)
    file = validate_content(content, DeploymentFile, path, "the deployments")
    if not file.deployments:
        raise InputRefused(f"{path}: it has no deployment; add one as [[deployment]]")
    names = [deployment.name for deployment in file.deployments]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise InputRefused(f"{path}: the name {doubled[0]} occurs twice; each deployment needs a name of its own")
    for deployment in file.deployments:
        if mistake := _find_mistake(deployment):
            raise InputRefused(f"{path}: deployment {deployment.name}: {mistake}")
    return file


def _find_mistake(deployment: Deployment) -> str:
    """Returns what is wrong with a deployment, or '' if nothing is."""
    if deployment.cron and deployment.rrule:
        return "it has cron and rrule; only one is allowed"
    try:
        ZoneInfo(deployment.timezone)
    # A name with a slash at its beginning is a ValueError, a directory an OSError.
    except (KeyError, ValueError, OSError):
        return "timezone is not a time zone; write it as Europe/London"
    # Prefect stores parameters as they are, and shows them on its pages.
    for name, value in deployment.parameters.items():
        if _PASSWORD.search(str(value)):
            return f"parameters.{name} contains a password; credentials come from the environment or a Prefect block"
    for name in _PATHS:
        path = str(deployment.parameters.get(name) or "/")
        if "://" not in path and not Path(path).is_absolute():
            return f"parameters.{name} must be an absolute path, because a worker runs in another directory"
    return _find_mistake_of_source(deployment.parameters)


def _find_mistake_of_source(parameters: Mapping[str, Any]) -> str:
    source = parameters.get("source")
    # Whether a path exists is known only where the worker runs.
    if not isinstance(source, str) or Path(source).is_absolute():
        return ""
    if "/" in source or source.endswith(".toml"):
        return "parameters.source must be the name of a mapping or an absolute path"
    try:
        find_source(source)
    except InputRefused as refusal:
        return f"parameters.source: {refusal}"
    return ""
