"""An upgrade that is killed at any moment leaves the old audit or the new one, and the next one completes it."""

import os
import random
import shutil
import signal
from pathlib import Path

import pytest

from flows.audit.database import audit_path, open_read_only
from flows.audit.definitions import current_schema_number, read_schema_number
from flows.audit.upgrade import create_or_upgrade
from flows.landing.home import locked_home
from tests.reliability.moments import Counts, Moment, count_calls, send_at
from tests.support.kills import Recorder, record_kill, record_left
from tests.support.processes import run_forked
from tests.upgrade.kept_audits import NAMES, read_rows, unpack_audit

pytestmark = pytest.mark.slow
MOMENTS = int(os.environ.get("NDTMS_MOMENTS", "4"))


def upgrade(home: Path) -> None:
    with locked_home(home):
        pass


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many calls an upgrade makes."""
    folder, counts = tmp_path_factory.mktemp("calls"), Counts()
    # The first upgrade of a process reads more files than those after it; every process below is forked from this one.
    upgrade(unpack_audit(NAMES[0], folder / "first"))
    home = unpack_audit(NAMES[0], folder / "home")

    def run() -> None:
        upgrade(home)
        (folder / "calls").write_text(str(counts.end))

    assert run_forked(run, folder, count_calls(create_or_upgrade, counts)).code == 0
    return int((folder / "calls").read_text())


# The number of calls differs a little from run to run; from 0.97 on, the new audit is in place.
SHARES = [0.001, 0.98, *(0.98 * random.Random(number).random() for number in range(MOMENTS))]


@pytest.mark.parametrize("share", SHARES)
def test_a_killed_upgrade_leaves_the_old_audit_or_the_new_one(
    tmp_path: Path, calls: int, share: float, record_property: Recorder
) -> None:
    kept = unpack_audit(NAMES[0], tmp_path / "kept")
    home = tmp_path / "home"
    shutil.copytree(kept, home)
    before = read_rows(kept)
    moment = Moment(signal.SIGKILL, call=1 + int(share * (calls - 1)))
    ended = run_forked(lambda: upgrade(home), tmp_path, send_at(moment, create_or_upgrade))
    assert ended.code == -signal.SIGKILL, ended.output
    record_kill(record_property, "upgrade")
    assert read_rows(home) == before
    with open_read_only(home, is_older_allowed=True) as audit:
        is_new = read_schema_number(audit) == current_schema_number()
    upgrade(home)
    assert read_rows(home) == before
    assert create_or_upgrade(home) is None
    assert not [file.name for file in home.iterdir() if file.name.endswith(".part")]
    assert audit_path(home).is_file()
    record_left(record_property, "upgrade", "the new audit" if is_new else "the old audit")
