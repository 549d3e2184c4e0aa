"""Forgetting that is killed at any moment has forgotten nothing or everything, and the next command completes it."""

import os
import random
import shutil
import signal
from pathlib import Path

import pytest

from flows.landing.forget import forget
from flows.landing.home import locked_home
from tests.reliability.moments import Counts, Moment, count_calls, send_at
from tests.retention.canaries import count_everything, find_in_files, land_months
from tests.retention.forgetting import choose, forget_in
from tests.support.homes import query_audit
from tests.support.kills import Recorder, record_kill, record_left
from tests.support.processes import run_forked

pytestmark = pytest.mark.slow
MOMENTS = int(os.environ.get("NDTMS_MOMENTS", "4"))
CANARY = "CANARY202303S"
_ROWS = "from sent_rows order by all"


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("landed")
    return land_months(folder, folder / "home")


def forget_march(home: Path) -> None:
    forget_in(home, choose(home, "before"))


@pytest.fixture(scope="module")
def calls(landed: Path, tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many calls forgetting makes."""
    folder, counts = tmp_path_factory.mktemp("calls"), Counts()
    # The first time reads more files than those after it; every process below is forked from this one.
    forget_march(Path(shutil.copytree(landed, folder / "first")))
    home = Path(shutil.copytree(landed, folder / "home"))

    def run() -> None:
        forget_march(home)
        (folder / "calls").write_text(str(counts.end))

    assert run_forked(run, folder, count_calls(forget, counts)).code == 0
    return int((folder / "calls").read_text())


# The last calls delete files, after the audit has been replaced.
SHARES = [0.001, 0.97, 0.98, *(0.98 * random.Random(number).random() for number in range(MOMENTS))]


@pytest.mark.parametrize("share", SHARES)
def test_killed_forgetting_is_completed_or_undone(
    landed: Path, tmp_path: Path, calls: int, share: float, record_property: Recorder
) -> None:
    home = Path(shutil.copytree(landed, tmp_path / "home"))
    counts, rows = count_everything(home), query_audit(home, _ROWS)
    moment = Moment(signal.SIGKILL, call=1 + int(share * (calls - 1)))
    ended = run_forked(lambda: forget_march(home), tmp_path, send_at(moment, forget))
    assert ended.code == -signal.SIGKILL, ended.output
    record_kill(record_property, "forget")
    with locked_home(home):
        pass
    is_forgotten = query_audit(home, "select count(*) from forgotten") == [(1,)]
    if not is_forgotten:
        assert query_audit(home, _ROWS) == rows
        assert (home / "submissions/L0001/L0001-20230301-20230331-TREAT-IN-R.csv").is_file()
        forget_march(home)
    assert find_in_files(home, CANARY) == []
    assert count_everything(home) == counts
    assert query_audit(home, "select count(*) from forgotten") == [(1,)]
    assert not [file.name for file in home.iterdir() if ".part" in file.name or "forgetting" in file.name]
    record_left(record_property, "forget", "everything forgotten" if is_forgotten else "nothing forgotten")
