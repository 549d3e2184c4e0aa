"""The snapshot without personal data has every count of the audit, and none of its ids and values."""

import shutil
from pathlib import Path

import duckdb
import pytest

from flows.audit import database
from flows.audit.queries import query
from flows.audit.snapshot import snapshot_is_current
from flows.landing.home import locked_home
from flows.support.duckdb_connections import connect
from flows.support.errors import InputRefused
from tests.retention.canaries import count_everything, find_in_files, land_months

CANARIES = ("COMMONCANARY", "CANARY2023", "UnknownHousingCanary", "CSurname")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = land_months(tmp_path, tmp_path / "home")
    monkeypatch.setenv("NDTMS_SNAPSHOT", "plain")
    with locked_home(home):
        pass
    return home


def test_a_plain_snapshot_has_no_id_and_no_value(home: Path) -> None:
    files = {canary: find_in_files(home, canary) for canary in CANARIES}
    assert "audit.duckdb" in files["CANARY2023"]
    assert not [canary for canary, found in files.items() if "audit-snapshot.duckdb" in found]
    assert snapshot_is_current(home)


def test_a_plain_snapshot_has_every_count(home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copyfile(database.snapshot_path(home), database.audit_path(copy))
    assert count_everything(copy) == count_everything(home)


def test_a_query_reads_the_plain_snapshot(home: Path) -> None:
    assert query(home, "from sent_rows").is_empty()
    assert query(home, "select what, reason from forgotten").rows() == [("snapshot", "NDTMS_SNAPSHOT=plain")]
    # The audit itself records only what was deleted from it.
    with database.open_read_only(home) as audit:
        assert audit.execute("select count(*) from forgotten").fetchone() == (0,)


def test_no_command_takes_a_plain_snapshot_for_the_audit(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect_unless_locked(path: Path, *, read_only: bool, config: object = None) -> duckdb.DuckDBPyConnection:
        if path == database.audit_path(home):
            raise duckdb.IOException("IO Error: Could not set lock on file")
        return connect(path, read_only=read_only)

    monkeypatch.setattr(database, "connect", connect_unless_locked)
    with pytest.raises(InputRefused, match="is being written to"), database.open_read_only(home):
        pass


def test_the_full_snapshot_comes_back_with_the_setting(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NDTMS_SNAPSHOT", "full")
    assert not snapshot_is_current(home)
    with locked_home(home):
        pass
    assert "audit-snapshot.duckdb" in find_in_files(home, "CANARY2023")


def test_another_kind_is_refused_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NDTMS_SNAPSHOT", "none")
    with pytest.raises(InputRefused, match="NDTMS_SNAPSHOT is 'none'; set it to full or plain"), locked_home(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []
