"""Killed with SIGKILL at any moment of a landing, then run again: what an undisturbed run would have given."""

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.support.kills import Recorder, record_kill, record_left

SCRIPT = Path(__file__).parent / "killed_landing.py"
MOMENTS = int(os.environ.get("NDTMS_MOMENTS", "8"))
FILE = Path("submissions") / "L0001" / "L0001-20230401-20230430-TREAT-IN-R.csv"


def land(export: Path, home: Path, moment: int = 0) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), str(export), str(home), str(moment)], capture_output=True, text=True, check=False
    )


def write_export(folder: Path, housing: str) -> Path:
    folder.mkdir()
    clients = ["CLIENTID,FORENAME,SURNAME,DOB,SEX,AGNCY"]
    episodes = ["EPISODID,CLIENTID,CMSID,CONSENT,PC,INTRCPTD,RECPDT,TRIAGED,DRUG1,HOUSING"]
    interventions = ["MODID,EPISODID,MODAL,MODST"]
    for number in range(1, 21):
        clients.append(f"C{number},Ann,Ash,1980-01-{number:02},F,L0001")
        episodes.append(f"E{number},C{number},Test 1,Y,NR14 7UJ,2023-01-02,2023-01-02,2023-01-05,1011,{housing}")
        interventions.append(f"M{number},E{number},OTHER-STRUCTURED,2023-01-09")
    for name, lines in (("clients", clients), ("episodes", episodes), ("interventions", interventions)):
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def reported(home: Path) -> list[tuple[object, ...]]:
    """Everything of the latest run that does not depend on when it was made."""
    with duckdb.connect(str(home / "audit.duckdb"), read_only=True) as audit:
        (run_id,) = audit.execute("select run_id from runs order by run_number desc limit 1").fetchone() or ("",)
        found = []
        for table, columns in (
            ("runs", "agency, period, status, rows_sent, output_sha256"),
            ("outcomes", "entity, row, client_id, outcome"),
            ("internal.found", "entity, row, rule, value"),
            ("sent_rows", "CLIENTID, EPISODID, MODID, HOUSING"),
            ("internal.run_rules", "rule, severity, passed, failed"),
        ):
            found += audit.execute(f"select {columns} from {table} where run_id = ? order by all", [run_id]).fetchall()
    return found


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path, int]:
    """A home with an earlier landing; the export to land next; a home where it was landed undisturbed; its calls."""
    folder = tmp_path_factory.mktemp("killed")
    first, second = write_export(folder / "first", "1"), write_export(folder / "second", "2")
    before, undisturbed = folder / "before", folder / "undisturbed"
    assert land(first, before).returncode == 0
    shutil.copytree(before, undisturbed)
    done = land(second, undisturbed)
    assert done.returncode == 0, done.stderr
    return before, second, undisturbed, int(done.stdout)


@pytest.mark.parametrize("share", [random.Random(number).random() for number in range(MOMENTS)])
def test_a_landing_killed_and_run_again_is_as_if_undisturbed(
    homes: tuple[Path, Path, Path, int], tmp_path: Path, share: float, record_property: Recorder
) -> None:
    before, export, undisturbed, calls = homes
    home = tmp_path / "home"
    shutil.copytree(before, home)
    killed = land(export, home, 1 + int(share * calls * 0.98))
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    record_kill(record_property, "landing")

    with duckdb.connect(str(home / "audit.duckdb"), read_only=True) as audit:
        landed = dict(audit.execute("select output_sha256, run_number from runs where status = 'landed'").fetchall())
    assert hashlib.sha256((home / FILE).read_bytes()).hexdigest() in landed, "the last submission is whole"

    again = land(export, home)
    assert again.returncode == 0, again.stderr
    assert (home / FILE).read_bytes() == (undisturbed / FILE).read_bytes()
    assert reported(home) == reported(undisturbed)
    assert not list((home / ".landing").iterdir()), "nothing is left lying about"
    record_left(record_property, "landing", "landed" if len(landed) > 1 else "not landed")


def test_a_first_landing_killed_leaves_nothing_that_stops_the_next(
    homes: tuple[Path, Path, Path, int], tmp_path: Path, record_property: Recorder
) -> None:
    _, export, undisturbed, calls = homes
    for share in (0.01, 0.05, 0.2):
        home = tmp_path / f"home-{share}"
        assert land(export, home, 1 + int(share * calls)).returncode == -signal.SIGKILL
        record_kill(record_property, "first landing")
        is_landed = (home / FILE).exists()
        assert land(export, home).returncode == 0
        assert (home / FILE).read_bytes() == (undisturbed / FILE).read_bytes()
        record_left(record_property, "first landing", "landed" if is_landed else "not landed")
