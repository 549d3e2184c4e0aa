"""A schedule fires on a real server with a real worker; its pages hold what a person needs and no value."""

from pathlib import Path

import pytest
import yaml

from tests.served.serving import ROOT, server, until, worker

# Names, a full postcode and a birthday that are in the example's export.
CANARIES = ("Mahoney-Price", "Delacroix", "LE15 7TJ", "1977-03-30", "30 Mar 1977")


def test_the_schedule_fires_and_the_pages_show_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("served")
    home = folder / "home"
    content = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
    [monthly] = [deployment for deployment in content["deployments"] if deployment["name"] == "monthly-submission"]
    monthly["parameters"] = {"source": "orchard", "home": str(home), "period": "2023-04"}
    monthly["schedules"] = [{"interval": 15, "active": True}]
    deployments = folder / "prefect.yaml"
    deployments.write_text(yaml.safe_dump(content | {"deployments": [monthly]}), encoding="utf-8")
    with server(folder) as served:
        served.prefect("work-pool", "create", "ndtms", "--type", "process")
        served.prefect("deploy", "--prefect-file", str(deployments), "--name", "monthly-submission")
        with worker(served):
            landed = until(
                lambda: len(list(home.glob("submissions/*/*.csv"))) == 2 and list(home.glob("submissions/*/*.csv")),
                "both agencies' files are there",
                50,
            )
            artefact = until(
                lambda: served.asked("artifacts/filter", artifacts={"key": {"like_": "submission-l0001-2023-04-1"}}),
                "the summary is there",
            )
        assert {path.parent.name for path in landed} == {"L0001", "L0002"}
        runs = served.asked("flow_runs/filter")
        [run] = [run for run in runs if run["id"] == artefact[0]["flow_run_id"]]
        assert (run["name"], {"L0001", "2023-04"} <= set(run["tags"])) == ("L0001 2023-04", True)
        page = served.page(f"artifacts/artifact/{artefact[0]['id']}")
        shown = page + served.page(f"runs/flow-run/{run['id']}")
        assert "L0001 2023-04 from orchard: landed" in page
        assert "672" in page, "the number of interventions sent"
        report = home / "reports" / "L0001" / "2023-04.html"
        assert report.exists() and report.name in page
        kept = [str(served.asked(f"{what}/filter")) for what in ("artifacts", "flow_runs", "task_runs", "logs")]
        for canary in CANARIES:
            assert not any(canary in text for text in (shown, *kept)), canary
        in_export = (ROOT / "data/examples/orchard/2023-04/ORPatient.csv").read_text(encoding="cp1252")
        assert "Mahoney-Price" in in_export, "the canaries are of the export"


def test_what_is_deployed_is_what_there_is() -> None:
    content = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
    for deployment in content["deployments"]:
        file, _, name = deployment["entrypoint"].partition(":")
        assert f"def {name}(" in Path(ROOT / file).read_text(encoding="utf-8")
        assert all(schedule.get("timezone") == "Europe/London" for schedule in deployment["schedules"])
