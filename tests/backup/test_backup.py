"""A backup has everything that a home needs, and appears complete or not at all."""

import os
import shutil
import stat
import threading
from pathlib import Path

import pytest

from flows.audit import database
from flows.landing import backup as landing_backup
from flows.landing.backup import back_up
from flows.landing.commit import land
from flows.landing.home import locked_home
from flows.support.errors import InputRefused, RunFailed
from tests.backup.backing_up import (
    LATER,
    NAME,
    NOW,
    copy_home,
    find_faults,
    land_private_months,
    list_backups,
    list_unfinished,
    make_backup,
    read_files,
)
from tests.support.command import Command
from tests.support.homes import query_audit
from tests.support.runs import STARTED_AT, assess_request, build_request
from tests.support.stops import Killed, stopped_at
from tests.upgrade.kept_audits import NAMES, unpack_audit

JUNE = "2023-06"
_NOT_COPIED = {"audit-snapshot.duckdb", ".lock"}


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return land_private_months(tmp_path_factory.mktemp("landed"))


@pytest.fixture
def home(landed: Path, tmp_path: Path) -> Path:
    copy_home(landed.parent, tmp_path / "copied")
    return tmp_path / "copied" / "home"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def export_of(home: Path) -> Path:
    """The export of the last month that landed in a home, which is used for June again."""
    return home.parent / "export-3"


def land_june(home: Path) -> None:
    with locked_home(home):
        land(assess_request(build_request(export_of(home), home, JUNE)), STARTED_AT)


def test_a_backup_has_every_file_but_locks_and_the_snapshot(home: Path, place: Path) -> None:
    (home / ".landing" / ".DS_Store").write_text("")
    (home / "audit.duckdb.tmp").mkdir()
    (home / "audit.duckdb.tmp" / "block").write_text("a query that was killed")
    made = make_backup(home, place)
    expected = {
        name: content
        for name, content in read_files(home).items()
        if name not in _NOT_COPIED and not name.startswith((".landing", "audit.duckdb.tmp"))
    }
    assert {"settings.toml", "fingerprint.key", "reminders/L0001-2023-06", "reports/index.html"} <= set(expected)
    assert any(name.startswith("reference/") for name in expected)
    assert read_files(made.directory) == expected
    assert (made.directory, made.files, made.faults) == (place / NAME, len(expected), ())
    assert find_faults(made.directory) == []
    assert (list_backups(place), list_unfinished(place)) == ([NAME], [])


def test_only_this_account_can_read_a_backup(home: Path, place: Path) -> None:
    (home / "settings.toml").chmod(0o644)
    home.chmod(0o755)
    before = os.umask(0)
    try:
        made = make_backup(home, place)
    finally:
        os.umask(before)
    paths = [place, *place.rglob("*")]
    loose = [path for path in paths if stat.S_IMODE(path.stat().st_mode) != (0o700 if path.is_dir() else 0o600)]
    assert (loose, made.faults) == ([], ())


def test_a_backup_waits_for_the_run_and_has_what_it_landed(home: Path, place: Path) -> None:
    is_locked, may_land, made = threading.Event(), threading.Event(), []

    def run() -> None:
        with locked_home(home):
            is_locked.set()
            may_land.wait()
            land(assess_request(build_request(export_of(home), home, JUNE)), STARTED_AT)

    landing = threading.Thread(target=run)
    landing.start()
    is_locked.wait()
    backing_up = threading.Thread(target=lambda: made.append(back_up(home, place, NOW, 120)))
    backing_up.start()
    may_land.set()
    landing.join()
    backing_up.join()
    assert query_audit(made[0].directory, "select count(*) from runs where period = '2023-06'") == [(1,)]
    assert "submission files" not in find_faults(made[0].directory)


def test_a_run_that_does_not_end_is_named(home: Path, place: Path) -> None:
    with locked_home(home, "the submission of L0001 2023-06"), pytest.raises(InputRefused, match="the submission of"):
        make_backup(home, place)
    assert (list_backups(place), list_unfinished(place)) == ([], [])


def test_what_a_killed_run_landed_is_in_the_backup(home: Path, place: Path) -> None:
    with pytest.MonkeyPatch.context() as patched, pytest.raises(Killed), stopped_at("move the file", Killed()):
        patched.setattr(shutil, "rmtree", lambda *_arguments, **_named: None)
        land_june(home)
    file = home / "submissions/L0001/L0001-20230601-20230630-TREAT-IN-R.csv"
    assert not file.exists()
    made = make_backup(home, place)
    assert (made.directory / file.relative_to(home)).is_file()
    assert find_faults(made.directory) == []


def test_what_only_the_log_of_the_audit_has_is_in_the_backup(home: Path, place: Path) -> None:
    with database.open_for_writing(home) as audit:
        audit.execute("set checkpoint_threshold = '1GB'")
        audit.execute("pragma disable_checkpoint_on_shutdown")
        audit.execute("update runs set settings_changed = 'in the log'")
    assert database.log_path(database.audit_path(home)).exists()
    made = make_backup(home, place)
    assert query_audit(made.directory, "select distinct settings_changed from runs") == [("in the log",)]


@pytest.mark.parametrize("damage", ["missing", "changed", "audit"])
def test_a_home_that_cannot_be_restored_is_not_backed_up(home: Path, place: Path, damage: str) -> None:
    file = next(home.rglob("L0001-20230401*.csv"))
    if damage == "missing":
        file.unlink()
    elif damage == "changed":
        file.write_bytes(file.read_bytes() + b"\n")
    else:
        database.audit_path(home).write_bytes(b"SQLite format 3\0" + bytes(4080))
    with pytest.raises(InputRefused, match=r"L0001-20230401|audit\.duckdb") as refused:
        make_backup(home, place)
    assert str(place) not in str(refused.value)
    assert (list_backups(place), list_unfinished(place)) == ([], [])


def test_other_faults_of_the_home_are_reported_and_do_not_prevent_a_backup(home: Path, place: Path) -> None:
    (home / "submissions" / "notes.txt").write_text("a note")
    made = make_backup(home, place)
    assert [check.name for check in made.faults] == ["other files"]
    assert (made.directory / "submissions" / "notes.txt").is_file()


def test_an_audit_of_an_earlier_version_is_backed_up_and_not_upgraded(tmp_path: Path, place: Path) -> None:
    home = unpack_audit(NAMES[0], tmp_path / "old")
    for path, content in query_audit(home, "select output_path, '' from runs where output_path is not null"):
        (home / str(path)).parent.mkdir(parents=True, exist_ok=True)
        (home / str(path)).write_text(str(content))
    before = database.audit_path(home).read_bytes()
    with pytest.raises(InputRefused, match="missing, or not as landed"):
        make_backup(home, place)
    with database.open_for_writing(home) as audit:
        audit.execute("update runs set output_sha256 = sha256('') where output_path is not null")
    before = database.audit_path(home).read_bytes()
    made = make_backup(home, place)
    assert database.audit_path(home).read_bytes() == database.audit_path(made.directory).read_bytes() == before
    assert "schema" in [check.name for check in made.faults]


def test_each_backup_has_a_directory_of_its_own(home: Path, place: Path) -> None:
    make_backup(home, place)
    before = read_files(place / NAME)
    with pytest.raises(InputRefused, match="exists already"):
        make_backup(home, place)
    assert read_files(place / NAME) == before
    make_backup(home, place, LATER)
    assert list_backups(place) == [NAME, "2023-06-04T060001Z"]


def test_only_what_a_killed_backup_left_is_removed(home: Path, place: Path) -> None:
    for name in (f".{NAME}.part", ".2023-06-03.part", ".mine", "2022-01-01T000000Z"):
        (place / name).mkdir(parents=True)
    make_backup(home, place)
    assert sorted(path.name for path in place.iterdir()) == [
        ".2023-06-03.part", ".lock", ".mine", "2022-01-01T000000Z", NAME,
    ]  # fmt: skip


def test_a_full_disk_leaves_no_backup(home: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_named: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(landing_backup, "sync", fail)
    with pytest.raises(RunFailed, match=f"{place}: the disk is full"):
        make_backup(home, place)
    assert (list_backups(place), list_unfinished(place)) == ([], [])


def test_the_command_prints_the_path(ndtms: Command, home: Path, place: Path) -> None:
    ran = ndtms("backup", place, "--home", home)
    assert (ran.code, ran.out) == (0, f"{place / list_backups(place)[0]}\n")
    assert ran.err.endswith("files copied and verified\n")
    (home / "submissions" / "notes.txt").write_text("a note")
    assert ndtms("verify", "--home", place / list_backups(place)[0]).code == 0
    ran = ndtms("verify", "--home", home, "--format", "json")
    assert (ran.code, '"check": "other files", "state": "FAULT"' in ran.out) == (3, True)
