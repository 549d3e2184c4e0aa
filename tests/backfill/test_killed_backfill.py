"""A backfill killed at any moment and started again is what an undisturbed one would have given."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.backfill.backfilling import files, reported
from tests.backfill.generated import write_history

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).parent / "killed_backfill.py"
# `make test-backfill` asks for 20.
MOMENTS = int(os.environ.get("NDTMS_MOMENTS", "4"))
AGENCIES, MONTHS, CLIENTS = 2, 3, 8


def backfill(exports: Path, home: Path, moment: int = 0) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), str(exports), str(home), str(MONTHS), str(moment)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, int]:
    """The exports, the home of a backfill that nothing disturbed, and its calls."""
    folder = tmp_path_factory.mktemp("killed")
    exports = write_history(folder / "exports", AGENCIES, MONTHS, CLIENTS)
    done = backfill(exports, folder / "home")
    assert done.returncode == 0, done.stderr
    return exports, folder / "home", int(done.stdout)


@pytest.mark.parametrize("share", [random.Random(number + 100).random() for number in range(MOMENTS)])
def test_a_backfill_killed_and_started_again_is_as_if_undisturbed(
    undisturbed: tuple[Path, Path, int], tmp_path: Path, share: float
) -> None:
    exports, expected, calls = undisturbed
    home = tmp_path / "home"
    killed = backfill(exports, home, 1 + int(share * calls * 0.99))
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    again = backfill(exports, home)
    assert again.returncode == 0, again.stderr
    assert files(home) == files(expected)
    assert reported(home) == reported(expected)
    assert not (home / ".backfill").exists()
    assert not list((home / ".landing").iterdir())
