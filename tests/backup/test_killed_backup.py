"""A backup that is killed at any moment leaves nothing that looks like one, and the next removes what is left."""

import os
import random
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from flows.landing.backup import back_up
from tests.backup.backing_up import (
    LATER,
    NAME,
    copy_home,
    land_private_months,
    list_backups,
    list_unfinished,
    make_backup,
    read_files,
)
from tests.reliability.moments import Counts, Moment, count_calls, send_at
from tests.support.kills import Recorder, record_kill, record_left
from tests.support.processes import run_forked
from tests.support.stops import Killed

pytestmark = pytest.mark.slow
MOMENTS = int(os.environ.get("NDTMS_MOMENTS", "4"))
# What the disk has after a power cut changes with each call of one of these.
_DURABLE = ((os, "mkdir"), (os, "fsync"), (os, "rename"), (shutil, "copyfile"))


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return land_private_months(tmp_path_factory.mktemp("landed"))


@contextmanager
def watched(called: Callable[[], None]) -> Iterator[None]:
    """Calls a function before each durable step inside the block."""

    def watch(step: Callable[..., Any]) -> Callable[..., Any]:
        def watching(*arguments: Any, **named: Any) -> Any:
            called()
            return step(*arguments, **named)

        return watching

    with pytest.MonkeyPatch.context() as patched:
        for module, name in _DURABLE:
            patched.setattr(module, name, watch(getattr(module, name)))
        yield


def check_after_kill(home: Path, place: Path, kept: dict[str, bytes]) -> str:
    """Checks what a killed backup left, and that the next one removes it; returns whether it is absent or complete."""
    backups = list_backups(place) if place.is_dir() else []
    assert backups in ([], [NAME])
    for name in backups:
        assert read_files(place / name) == kept
    made = make_backup(home, place, LATER)
    assert list_backups(place) == [*backups, made.directory.name]
    assert list_unfinished(place) == []
    assert read_files(made.directory) == kept
    return "complete" if backups else "absent"


def test_killed_at_every_durable_step(
    landed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record_property: Recorder
) -> None:
    home = copy_home(landed, tmp_path / "home")
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += 1

    with watched(count):
        kept = read_files(make_backup(home, tmp_path / "undisturbed").directory)
    assert steps > 20
    # Verifying only reads, and every copy below is compared with the one that was verified.
    monkeypatch.setattr("flows.landing.backup.verify_home", lambda _home: [])
    finished = 0
    for stop_at in range(1, steps + 1):
        place, step = tmp_path / f"backups-{stop_at}", 0

        def stop(at: int = stop_at) -> None:
            nonlocal step
            step += 1
            if step == at:
                raise Killed

        with pytest.MonkeyPatch.context() as patched, pytest.raises(Killed), watched(stop):
            patched.setattr(shutil, "rmtree", lambda *_arguments, **_named: None)
            make_backup(home, place)
        record_kill(record_property, "backup", "steps")
        finished += place.is_dir() and bool(list_backups(place))
        record_left(record_property, "backup", check_after_kill(home, place, kept))
        shutil.rmtree(place)
    # Only before the last step, the sync of the folder after the renaming.
    assert finished == 1


@pytest.fixture(scope="module")
def calls(landed: Path, tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many calls a backup makes."""
    folder, counts = tmp_path_factory.mktemp("calls"), Counts()
    home = copy_home(landed, folder / "home")
    # The first time loads modules; every process below is forked from this one.
    make_backup(home, folder / "first")

    def run() -> None:
        make_backup(home, folder / "backups")
        (folder / "calls").write_text(str(counts.end))

    assert run_forked(run, folder, count_calls(back_up, counts)).code == 0
    return int((folder / "calls").read_text())


# The number of calls differs a little from run to run; the last steps are those of the test above.
SHARES = [0.001, 0.98, *(0.98 * random.Random(number).random() for number in range(MOMENTS))]


@pytest.mark.parametrize("share", SHARES)
def test_killed_at_a_random_moment(
    landed: Path, tmp_path: Path, calls: int, share: float, record_property: Recorder
) -> None:
    home = copy_home(landed, tmp_path / "home")
    kept = read_files(make_backup(home, tmp_path / "undisturbed").directory)
    place = tmp_path / "backups"
    moment = Moment(signal.SIGKILL, call=1 + int(share * (calls - 1)))

    def run() -> None:
        make_backup(home, place)

    ended = run_forked(run, tmp_path, send_at(moment, back_up))
    assert ended.code == -signal.SIGKILL, ended.output
    record_kill(record_property, "backup")
    record_left(record_property, "backup", check_after_kill(home, place, kept))
