"""The audit is encrypted, gets another key, is decrypted, and after a kill is under one key or the other."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.audit import database, encryption
from flows.audit.definitions import current_schema_number
from flows.landing.home import locked_home
from tests.retention.canaries import find_in_files
from tests.support.command import Command
from tests.support.encryption import KEY, OTHER_KEY, copy_home, use_key
from tests.support.processes import run_forked

CANARY = "COMMONCANARY"
FILES = {"audit.duckdb", "audit-snapshot.duckdb"}
_EVERYTHING = (
    "select schema_name, table_name, column_name, data_type, is_nullable, comment from duckdb_columns()"
    " where database_name = current_database() and not internal"
    " union all select schema_name, view_name, '', '', false, comment from duckdb_views()"
    " where database_name = current_database() and not internal order by all"
)
_ROWS = "select columns(*)::varchar from sent_rows order by all"


def read(home: Path) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Returns the definitions of an audit, and the rows sent."""
    with database.open_read_only(home) as audit:
        return audit.execute(_EVERYTHING).fetchall(), audit.execute(_ROWS).fetchall()


def find_readable(home: Path) -> set[str]:
    return set(find_in_files(home, CANARY)) & FILES


def test_an_audit_is_encrypted_gets_another_key_and_is_decrypted(
    plain: Path, tmp_path: Path, ndtms: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = copy_home(plain, tmp_path)
    use_key(monkeypatch, None)
    before = read(home)
    use_key(monkeypatch, KEY)
    assert ndtms("encrypt", "--home", home).code == 0
    assert find_readable(home) == set()
    assert read(home) == before
    assert database.snapshot_path(home).exists()

    monkeypatch.setenv("NDTMS_AUDIT_NEW_KEY", OTHER_KEY)
    assert ndtms("encrypt", "--new-key", "--home", home).code == 0
    assert ndtms("runs", "--home", home).code == 2
    use_key(monkeypatch, OTHER_KEY)
    assert read(home) == before
    assert ndtms("sql", "from runs", "--home", home).code == 0

    assert ndtms("encrypt", "--remove", "--home", home).code == 0
    use_key(monkeypatch, None)
    assert read(home) == before
    assert find_readable(home) == FILES


def test_a_month_lands_in_a_converted_audit(plain: Path, tmp_path: Path, ndtms: Command) -> None:
    home = copy_home(plain, tmp_path)
    assert ndtms("encrypt", "--home", home).code == 0
    with locked_home(home), database.open_for_writing(home) as audit:
        assert audit.execute("select schema_number from internal.definitions").fetchone() == (current_schema_number(),)
        audit.execute("begin")
        audit.execute("insert into internal.forgotten_runs values (99, 'none', false)")
        audit.execute("commit")
    assert find_readable(home) == set()


@pytest.mark.slow
@pytest.mark.parametrize("is_encrypted", [True, False])
@pytest.mark.parametrize("moment", ["_write_copy", "snapshot_path", "replace"])
def test_a_killed_conversion_leaves_the_audit_under_one_key(
    plain: Path, encrypted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str, *, is_encrypted: bool
) -> None:
    home = copy_home(encrypted if is_encrypted else plain, tmp_path)
    old, new = (KEY, None) if is_encrypted else (None, KEY)
    use_key(monkeypatch, old)
    before = read(home)

    def prepare(_sent: int) -> None:
        def kill(*_arguments: object, **_named: object) -> None:
            os.kill(os.getpid(), signal.SIGKILL)

        write = encryption._write_copy

        def write_then_kill(path: Path, part: Path, old: str | None, new: str | None) -> None:
            write(path, part, old, new)
            kill()

        places: dict[str, tuple[object, Callable[..., None]]] = {
            "_write_copy": (encryption, write_then_kill),
            "snapshot_path": (database, kill),
            "replace": (Path, kill),
        }
        setattr(places[moment][0], moment, places[moment][1])

    def convert() -> None:
        encryption.change_key(home, old, new)

    assert run_forked(convert, tmp_path, prepare).code == -signal.SIGKILL
    assert (home / ".audit.duckdb.part").exists()
    assert read(home) == before
    with locked_home(home):
        pass
    assert not (home / ".audit.duckdb.part").exists()
    assert find_readable(home) == (set() if is_encrypted else FILES)
    with locked_home(home):
        encryption.change_key(home, old, new)
        use_key(monkeypatch, new)
    assert read(home) == before
    assert find_readable(home) == (FILES if is_encrypted else set())
