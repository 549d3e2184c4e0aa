"""Deployments: what deployments.toml may contain, and what Prefect's server is given."""

from pathlib import Path
from typing import Any, get_args

# Its first import starts a process, which a unit test must not do.
import prefect._vendor.croniter  # noqa: F401
import pytest
import yaml

from flows.deploy import FLOWS
from flows.months.deployment_content import build_content, read_content
from flows.sources.deployments import (
    EXAMPLE,
    Deployment,
    DeploymentFile,
    FlowName,
    find_deployment_file,
    read_deployments,
)
from flows.support.errors import InputRefused
from tests.support.snapshots import ROOT

WATCH = '[[deployment]]\nname = "w"\nflow = "watch"\n'
MONTHLY = '[[deployment]]\nname = "m"\nflow = "monthly"\n'


def read(folder: Path, text: str) -> DeploymentFile:
    path = folder / "deployments.toml"
    path.write_text(text, encoding="utf-8")
    return read_deployments(path)


def build(text: str, folder: Path) -> dict[str, Any]:
    [deployment] = read(folder, text).deployments
    return build_content(deployment, FLOWS[deployment.flow])


def test_the_site_has_the_file_and_without_a_site_the_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_deployment_file() == EXAMPLE
    monkeypatch.setenv("NDTMS_SITE", str(tmp_path))
    assert find_deployment_file() == tmp_path / "deployments.toml"


def test_the_example_has_the_deployments_of_prefect_yaml() -> None:
    content = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
    written = {item["name"]: item for item in content["deployments"]}
    file = read_deployments(EXAMPLE)
    assert [item.name for item in file.deployments] == list(written)
    for deployment in file.deployments:
        other, built = written[deployment.name], build_content(deployment, FLOWS[deployment.flow])
        assert other["entrypoint"] == f"flows/{deployment.flow}.py:{deployment.flow}"
        assert (other["description"], other["tags"]) == (built["description"], built["tags"])
        assert other.get("parameters", {}) == built["parameters"]
        timings = [schedule.get("cron") or schedule["rrule"] for schedule in other["schedules"]]
        assert timings == list(filter(None, (deployment.cron, deployment.rrule)))
        limit = other["concurrency_limit"]
        assert (limit["limit"], limit["collision_strategy"]) == (
            built["concurrency_limit"],
            built["concurrency_options"].collision_strategy,
        )
        assert other["work_pool"]["name"] == file.pool


def test_every_flow_can_be_deployed_and_is_found_as_a_module() -> None:
    assert set(FLOWS) == set(get_args(FlowName))
    for name, flow in FLOWS.items():
        required = dict.fromkeys(flow.parameters.required or [], "x")
        built = build_content(Deployment.model_validate({"name": "a", "flow": name, "parameters": required}), flow)
        assert (built["entrypoint"], built["path"], built["pull_steps"]) == (f"flows.{name}.{name}", None, [])
        assert flow.fn.__module__ == f"flows.{name}"


def test_several_homes_and_agencies_each_have_a_schedule(tmp_path: Path) -> None:
    file = read(
        tmp_path,
        'pool = "north"\n'
        '[[deployment]]\nname = "m"\nflow = "monthly"\ncron = "0 6 3 * *"\n'
        'parameters = { source = "orchard", home = "/a", agencies = ["L0001"] }\n'
        '[[deployment]]\nname = "n"\nflow = "monthly"\nrrule = "FREQ=DAILY"\ntimezone = "Europe/Paris"\n'
        'active = false\nparameters = { source = "/site/x.toml", home = "/b" }\n',
    )
    assert file.pool == "north"
    assert [(item.full_name, item.schedule) for item in file.deployments] == [
        ("monthly/m", "0 6 3 * * Europe/London"),
        ("monthly/n", "FREQ=DAILY Europe/Paris (not active)"),
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("pool = ", "the deployments cannot be read as TOML"),
        ("", "it has no deployment; add one as [[deployment]]"),
        (WATCH + 'crn = "x"', "deployment.0.crn is not a key of the deployments; allowed: active, cron, description,"),
        ('[[deployment]]\nname = "w"\nflow = "alarm"', "deployment.0.flow: must be 'monthly', 'submission',"),
        ('[[deployment]]\nname = "W W"\nflow = "watch"', "deployment.0.name: must consist of lower-case letters"),
        ('[[deployment]]\nflow = "watch"', "deployment.0.name is missing"),
        (WATCH + WATCH, "the name w occurs twice"),
        (WATCH + 'cron = "0 6 3 * *"\nrrule = "FREQ=DAILY"', "deployment w: it has cron and rrule"),
        (WATCH + 'timezone = "Europe/Nowhere"', "deployment w: timezone is not a time zone"),
        (WATCH + 'timezone = "/etc"', "deployment w: timezone is not a time zone"),
        (
            MONTHLY + 'parameters = { source = "orchard", home = "north" }',
            "deployment m: parameters.home must be an ab",
        ),
        (
            MONTHLY + 'parameters = { source = "orchard", input_folder = "s3://user:SECRET@bucket/[x" }',
            "deployment m: parameters.input_folder contains a password",
        ),
        (MONTHLY + 'parameters = { source = "./mine.toml" }', "deployment m: parameters.source must be the name of"),
        (MONTHLY + 'parameters = { source = "nowhere" }', "deployment m: parameters.source: nowhere: no such source"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, shown: str) -> None:
    with pytest.raises(InputRefused) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / 'deployments.toml'}: ")
    assert shown in str(caught.value)
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (MONTHLY, "deployment m: parameters.source is missing; monthly needs source"),
        (
            WATCH + "parameters = { hour = 3 }",
            "deployment w: parameters.hour is not a parameter of watch; allowed: hou",
        ),
        (WATCH + 'parameters = { hours = "SECRET" }', "deployment w: a parameter has the wrong type"),
        (WATCH + 'cron = "daily"', 'deployment w: cron is not a schedule; write it as "0 6 3 * *"'),
        (WATCH + 'rrule = "daily"', 'deployment w: rrule is not a schedule; write it as "FREQ=MONTHLY'),
    ],
)
def test_what_prefect_would_not_run_is_refused(tmp_path: Path, text: str, shown: str) -> None:
    with pytest.raises(InputRefused) as caught:
        build(text, tmp_path)
    assert shown in str(caught.value)
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize(
    "change",
    ['cron = "1 6 3 * *"', 'timezone = "Europe/Paris"', "active = false", 'description = "x"',
     "parameters = { hours = 3.0 }"],
)  # fmt: skip
def test_a_change_of_the_file_is_a_change_of_the_deployment(tmp_path: Path, change: str) -> None:
    plain = WATCH + 'cron = "0 6 3 * *"\n'
    changed = (WATCH if change.startswith("cron") else plain) + change
    assert read_content(build(plain, tmp_path)) == read_content(build(plain, tmp_path))
    assert read_content(build(plain, tmp_path)) != read_content(build(changed, tmp_path))
