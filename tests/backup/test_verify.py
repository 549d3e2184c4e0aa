"""`ndtms verify` finds each fault of a home, and none in a home to which a run is writing."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest
from filelock import FileLock

from flows.audit import database
from flows.landing.home import is_home_locked
from flows.landing.verify import verify_home
from flows.support.duckdb_connections import connect
from flows.support.errors import InputRefused
from flows.support.private_files import make_directory
from tests.backup.backing_up import copy_home, find_faults, land_private_months, make_private, read_files
from tests.retention.canaries import APRIL, name_client
from tests.retention.forgetting import choose, forget_in
from tests.support.command import Command
from tests.support.homes import query_audit
from tests.upgrade.kept_audits import NAMES, unpack_audit

_APRIL_FILE = "submissions/L0001/L0001-20230401-20230430-TREAT-IN-R.csv"
_BLOCK = 262144
_HEADER = 12288


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return land_private_months(tmp_path_factory.mktemp("landed"))


@pytest.fixture
def home(landed: Path, tmp_path: Path) -> Path:
    return copy_home(landed, tmp_path / "home")


def change_audit(home: Path, statement: str) -> None:
    """Changes the audit; the snapshot keeps the time of the audit, so that it is not a fault."""
    with database.open_for_writing(home) as audit:
        audit.execute(statement)
    state = database.audit_path(home).stat()
    os.utime(database.snapshot_path(home), ns=(state.st_atime_ns, state.st_mtime_ns))


def write(path: Path, text: str = "") -> None:
    make_directory(path.parent)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)


def make_directory_of(file: Path) -> None:
    file.unlink()
    file.mkdir(mode=0o700)


def test_a_home_without_a_fault(ndtms: Command, home: Path) -> None:
    before = read_files(home)
    assert find_faults(home) == []
    ran = ndtms("verify", "--home", home)
    assert (ran.code, ran.err, ran.out.count(" ok "), "FAULT" in ran.out) == (0, "", 10, False)
    assert read_files(home) == before


_FAULTS: dict[str, tuple[Callable[[Path], object], list[str]]] = {
    "a file is missing": (lambda home: (home / _APRIL_FILE).unlink(), ["submission files"]),
    "a file is changed": (lambda home: write(home / _APRIL_FILE, "changed"), ["submission files"]),
    "a file is a directory": (lambda home: make_directory_of(home / _APRIL_FILE), ["submission files"]),
    "a file of no run": (lambda home: write(home / "submissions/L0001/copy.csv"), ["other files"]),
    "a hidden file of no run": (lambda home: write(home / "submissions/L0001/.a.csv.part"), ["other files"]),
    "a killed landing": (lambda home: write(home / ".landing/L0001-2023-06-1/a.parquet"), ["unfinished"]),
    "a killed deletion": (lambda home: write(home / ".forgetting.json", "{}"), ["unfinished"]),
    "a killed backfill": (lambda home: write(home / ".backfill/1/a.parquet"), ["unfinished"]),
    "an audit that others can read": (lambda home: (home / "audit.duckdb").chmod(0o640), ["permissions"]),
    "a directory that others can read": (lambda home: (home / "reports").chmod(0o755), ["permissions"]),
    "a home that others can read": (lambda home: home.chmod(0o701), ["permissions"]),
    "no key": (lambda home: (home / "fingerprint.key").unlink(), ["key"]),
    "half a key": (lambda home: write(home / "fingerprint.key", "half"), ["key"]),
    "an old snapshot": (lambda home: os.utime(home / "audit-snapshot.duckdb", (0, 0)), ["snapshot"]),
    "a row sent is gone": (
        lambda home: change_audit(home, "delete from internal.sent_interventions where rowid = 0"),
        ["records", "rows sent"],
    ),
    "a client sent is gone": (
        lambda home: change_audit(home, "delete from internal.sent_clients where rowid = 0"), ["records", "rows sent"]
    ),
    "an outcome is gone": (
        lambda home: change_audit(home, "delete from internal.recorded_outcomes where rowid = 0"), ["records"]
    ),
    "an outcome is there twice": (
        lambda home: change_audit(
            home, "insert into internal.recorded_outcomes from internal.recorded_outcomes where rowid = 0"
        ),
        ["records"],
    ),
    "a count is wrong": (
        lambda home: change_audit(home, "update runs set rows_sent = rows_sent + 1 where period = '2023-05'"),
        ["records", "rows sent"],
    ),
    "an audit that is none": (
        lambda home: write(home / "audit.duckdb", "no"), ["audit", "submission files"]
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", _FAULTS)
def test_each_fault_is_found(home: Path, fault: str) -> None:
    damage, found = _FAULTS[fault]
    damage(home)
    assert find_faults(home) == found


def test_the_command_names_what_is_wrong_and_no_record(ndtms: Command, home: Path) -> None:
    (home / _APRIL_FILE).unlink()
    ran = ndtms("verify", "--home", home)
    assert (ran.code, ran.err) == (3, "")
    assert f"missing, or not as landed: 1 of 3 files ({_APRIL_FILE})" in ran.out
    assert "CANARY" not in ran.out
    assert ndtms("verify", "--home", home.parent).code == 2


def test_every_damaged_block_of_a_table_is_found(home: Path) -> None:
    path = database.audit_path(home)
    names = query_audit(home, "select schema_name || '.' || table_name from duckdb_tables() where not internal")
    blocks = set()
    for (name,) in names:
        stored = query_audit(home, f"select block_id from pragma_storage_info('{name}') where persistent")
        blocks |= {int(str(block)) for (block,) in stored if block is not None and int(str(block)) >= 0}
    assert blocks
    content = path.read_bytes()
    for block in blocks:
        place = _HEADER + block * _BLOCK + _BLOCK // 2
        path.write_bytes(content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :])
        assert "audit" in find_faults(home), block


def test_an_audit_of_an_earlier_version(tmp_path: Path) -> None:
    home = unpack_audit(NAMES[0], tmp_path / "old")
    schema = next(check for check in verify_home(home) if check.name == "schema")
    assert (schema.is_fault, "`ndtms upgrade`" in schema.found) == (True, True)


def test_what_was_forgotten_is_not_a_fault_unless_its_file_is_still_there(home: Path) -> None:
    content = read_files(home)
    for what, client in (("before", ""), ("client", name_client(APRIL, 3)), ("superseded", "")):
        for file in forget_in(home, choose(home, what, client)):
            assert file in content
        assert find_faults(home) == [], what
    assert not (home / _APRIL_FILE).exists()
    write(home / _APRIL_FILE, "again")
    assert find_faults(home) == ["submission files"]


@contextmanager
def run_in_progress(home: Path) -> Iterator[None]:
    """Locks the home, and keeps the audit from being opened, as a run does in another process."""

    def refuse_audit(path: Path, **named: Any) -> duckdb.DuckDBPyConnection:
        if path == database.audit_path(home):
            raise duckdb.IOException('IO Error: Could not set lock on file "audit.duckdb": Conflicting lock is held')
        return connect(path, **named)

    with FileLock(home / ".lock"), pytest.MonkeyPatch.context() as patched:
        patched.setattr("flows.audit.database.connect", refuse_audit)
        yield


def test_a_run_in_progress_causes_no_fault(home: Path) -> None:
    write(home / _APRIL_FILE, "replaced since the snapshot")
    write(home / "submissions/L0001/L0001-20230601-20230630-TREAT-IN-R.csv", "landed since the snapshot")
    write(home / ".landing/L0001-2023-05-1/L0001-20230501-20230531-TREAT-IN-R.csv", "not moved yet")
    (home / "submissions/L0001/L0001-20230501-20230531-TREAT-IN-R.csv").unlink()
    os.utime(home / "audit-snapshot.duckdb", (1, 1))
    with run_in_progress(home):
        assert find_faults(home) == []
    assert find_faults(home) == ["submission files", "other files", "snapshot", "unfinished"]


def test_a_run_in_progress_hides_no_fault_that_is_older(home: Path) -> None:
    (home / _APRIL_FILE).unlink()
    (home / "reports").chmod(0o755)
    with run_in_progress(home):
        assert find_faults(home) == ["submission files", "permissions"]


def test_a_first_run_in_progress_is_to_be_waited_for(home: Path) -> None:
    database.snapshot_path(home).unlink()
    with run_in_progress(home), pytest.raises(InputRefused, match="try again when the run has ended"):
        verify_home(home)


def test_a_run_that_lands_between_two_checks_causes_no_fault(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = (home / _APRIL_FILE).read_bytes()
    write(home / _APRIL_FILE, "replaced")
    state, states = (home / "audit.duckdb").stat(), 0

    def read_state(_home: Path) -> tuple[int, int]:
        nonlocal states
        states += 1
        if states == 2:
            (home / _APRIL_FILE).write_bytes(content)
        return state.st_mtime_ns, states

    monkeypatch.setattr("flows.landing.verify._read_state", read_state)
    assert find_faults(home) == []


def test_whether_a_home_is_locked(tmp_path: Path) -> None:
    assert not is_home_locked(tmp_path)
    assert list(tmp_path.iterdir()) == []
    with FileLock(tmp_path / ".lock"):
        assert is_home_locked(tmp_path)
    assert not is_home_locked(tmp_path)


def test_a_snapshot_without_personal_data_is_as_good(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NDTMS_SNAPSHOT", "plain")
    assert find_faults(home) == ["snapshot"]
    from flows.audit.snapshot import write_snapshot

    write_snapshot(home)
    make_private(home)
    assert find_faults(home) == []
    monkeypatch.delenv("NDTMS_SNAPSHOT")
    assert find_faults(home) == []
