"""A site outside of the clone is deployed, and its month lands through a worker that knows no path of the clone."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.served.serving import ROOT, Served, server, until, worker
from tests.support.homes import query_audit

_MONTHLY = """
[[deployment]]
name = "castle"
flow = "monthly"
cron = "0 6 3 * *"
parameters = {{ source = "castle", period = "2023-04", home = "{home}", agencies = ["L0001"] }}
"""
_WATCH = """
[[deployment]]
name = "watch"
flow = "watch"
cron = "*/5 * * * *"
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site with settings, a mapping that no clone has, and two deployments."""
    folder = tmp_path / "site"
    (folder / "sources").mkdir(parents=True)
    (folder / "sources" / "castle.toml").write_text('extends = "orchard"\nname = "castle"\n', encoding="utf-8")
    (folder / "settings.toml").write_text("shrink_share = 0.9\n", encoding="utf-8")
    (folder / "deployments.toml").write_text(_MONTHLY.format(home=tmp_path / "home") + _WATCH, encoding="utf-8")
    return folder


def deploy(served: Served, *more: str) -> dict[str, str]:
    """Returns the state of each deployment, after deploying from a directory that is not the clone."""
    done = subprocess.run(
        [sys.executable, "-m", "flows", "deploy", "--format", "csv", *more],
        env={**served.env, "PYTHONPATH": str(ROOT)}, cwd=served.folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return {row.split(",")[0]: row.split(",")[1] for row in done.stdout.splitlines()[1:]}


def test_a_site_is_deployed_and_its_month_lands(site: Path, tmp_path: Path) -> None:
    with server(tmp_path) as served:
        served.env["NDTMS_SITE"] = str(site)
        names = ("monthly/castle", "watch/watch")
        assert deploy(served, "--dry-run") == dict.fromkeys(names, "new")
        assert served.asked("deployments/filter") == []
        assert deploy(served) == dict.fromkeys(names, "created")
        kept = served.asked("deployments/filter")
        assert str(ROOT) not in str(kept)
        assert str(site) not in str(kept)
        assert deploy(served) == dict.fromkeys(names, "unchanged")
        assert served.asked("deployments/filter") == kept, "not even a moment of the server changed"
        with worker(served):
            served.prefect("deployment", "run", "monthly/castle")
            until(lambda: list((tmp_path / "home").glob("submissions/L0001/*.csv")), "the file of the month", 120)
            until((tmp_path / "home" / "reports" / "index.html").exists, "the run has ended", 60)
        runs = query_audit(tmp_path / "home", "select source, status, settings_changed from runs")
        assert [run[:2] for run in runs] == [("castle", "landed")]
        assert "0.9" in str(runs[0][2])
        # A deployment that is no longer in the file, and one that a person changed in Prefect.
        (site / "deployments.toml").write_text(_WATCH, encoding="utf-8")
        assert deploy(served) == {"watch/watch": "unchanged", "monthly/castle": "not in the file"}
        assert len(served.asked("deployments/filter")) == 2
        served.prefect("deployment", "schedule", "pause", "--all")
        assert deploy(served, "--prune") == {"watch/watch": "updated", "monthly/castle": "removed"}
        [left] = served.asked("deployments/filter")
        assert (left["name"], left["schedules"][0]["active"]) == ("watch", True)
