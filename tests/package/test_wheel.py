"""The wheel: it has every file of the packages, and lands the example outside of the checkout as the checkout does."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from flows.landing.commit import land
from flows.landing.home import locked_home
from tests.support.homes import SUBMISSION_FILE
from tests.support.requests import submission_request
from tests.support.runs import STARTED_AT, assess_request
from tests.support.snapshots import ROOT

pytestmark = pytest.mark.slow

PACKAGES = ("flows", "transforms", "schemas", "sql", "data")
# One file of each kind that a program without its data would lack.
NEEDED = (
    "flows/py.typed", "transforms/py.typed", "schemas/py.typed", "flows/reports/run_page/report.html.j2",
    "flows/reports/run_page/shared.html.j2",
    "flows/reports/run_page/page.css", "flows/reports/run_page/page.js", "sql/report/months.sql",
    "sql/tables/runs.sql", "sql/report/manifest.sql", "data/dataset_r/fields.csv", "data/dataset_r/file-format.toml",
    "data/sources/orchard.toml", "data/examples/orchard/2023-04/ORPatient.csv",
)  # fmt: skip
EXAMPLE = ("--source", "orchard", "--agency", "L0001", "--period", "2023-04", "--extracted-on", "2023-05-03")


def run(*words: object, folder: Path, environment: dict[str, str] | None = None) -> str:
    """Runs a command and returns its standard output."""
    ran = subprocess.run(
        list(map(str, words)), cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check")
    run(sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", folder, ROOT, folder=folder)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts of an environment with the wheel, in which the packages of this one can be imported too."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    options = ("--quiet", "--no-deps", "--no-index", "--disable-pip-version-check")
    run(sys.executable, "-m", "pip", "--python", python, "install", *options, wheel, folder=folder)
    [packages] = folder.glob("lib/python*/site-packages")
    # Python does not read the .pth files of a directory that is added here, so the checkout itself is not added.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return python.parent


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The variables of a reader who has none of ours."""
    ours = ("PYTHON", "NDTMS_HOME", "NDTMS_SITE", "PREFECT", "VIRTUAL_ENV")
    kept = {name: text for name, text in os.environ.items() if not name.startswith(ours)}
    return kept | {"PREFECT_HOME": str(tmp_path / "prefect")}


def test_the_wheel_has_every_file_of_the_packages(wheel: Path) -> None:
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    files = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert packed == files
    assert {*NEEDED} <= packed


def test_the_wheel_lands_the_example_as_the_checkout_does(
    scripts: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    where = (
        "import data, flows, schemas, sql, transforms; print(*flows.__path__, *data.__path__, *sql.__path__, sep='\\n')"
    )
    places = run(scripts / "python", "-c", where, folder=folder, environment=environment).splitlines()
    assert [place for place in places if not Path(place).is_relative_to(scripts.parent)] == []

    shown = run(scripts / "ndtms", "submit", *EXAMPLE, folder=folder, environment=environment)
    assert shown.startswith("L0001 2023-04 from orchard: landed\n")

    request = submission_request("orchard", "2023-04", agency="L0001", extracted_on="2023-05-03", home=tmp_path / "own")
    with locked_home(request.home):
        land(assess_request(request), STARTED_AT)
    assert (folder / "workspace" / SUBMISSION_FILE).read_bytes() == (request.home / SUBMISSION_FILE).read_bytes()

    page = Path(run(scripts / "ndtms", "report", folder=folder, environment=environment).strip())
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    rules = run(scripts / "ndtms", "rules", "--format", "csv", folder=folder, environment=environment)
    assert rules.count("\n") > 250
