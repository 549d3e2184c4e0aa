"""The snapshot: what analysts read is never waited for, and never waits."""

from pathlib import Path

import duckdb
import pytest

from flows.audit import database as audit
from flows.support.errors import InputRefused
from tests.rules.world import World
from tests.support.exports import TWO_CLIENTS, write_export
from tests.support.homes import make_small_home, query_audit
from tests.support.runs import land_export

pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_small_home(tmp_path / "home")


def test_an_open_transaction_and_a_landing_go_on_side_by_side(tmp_path: Path, home: Path) -> None:
    land_export(write_export(tmp_path / "first", *TWO_CLIENTS), home)
    analyst = duckdb.connect(str(audit.snapshot_path(home)), read_only=True)
    analyst.execute("begin")
    before = analyst.execute("select run_id, rows_sent from runs").fetchall()
    land_export(write_export(tmp_path / "second", World(), *TWO_CLIENTS), home)
    assert analyst.execute("select run_id, rows_sent from runs").fetchall() == before, "theirs stays as it was"
    analyst.execute("commit")
    analyst.close()
    with duckdb.connect(str(audit.snapshot_path(home)), read_only=True) as later:
        assert later.execute("select count(*) from runs").fetchone() == (2,)
    assert query_audit(home, "select count(*) from runs") == [(2,)]


def test_while_somebody_writes_the_snapshot_answers(tmp_path: Path, home: Path) -> None:
    land_export(write_export(tmp_path / "first", *TWO_CLIENTS), home)
    with audit.open_for_writing(home) as writer:
        writer.execute("begin")
        writer.execute("delete from internal.found")
        # Another process could not open the audit; within one process DuckDB refuses another kind of access.
        with pytest.MonkeyPatch.context() as patched:
            connect = duckdb.connect

            def refusing(path: str, **named: object) -> duckdb.DuckDBPyConnection:
                if path == str(audit.audit_path(home)):
                    raise duckdb.IOException("Could not set lock on file")
                return connect(path, **named)  # type: ignore[arg-type]

            patched.setattr(duckdb, "connect", refusing)
            with audit.open_read_only(home) as reader:
                assert reader.execute("select count(*) > 0 from internal.found").fetchone() == (True,)
        writer.execute("rollback")


def test_a_snapshot_that_was_removed_is_made_again(tmp_path: Path, home: Path) -> None:
    land_export(write_export(tmp_path / "first", *TWO_CLIENTS), home)
    audit.snapshot_path(home).unlink()
    land_export(write_export(tmp_path / "second", World()), home)
    assert audit.snapshot_path(home).exists()


@pytest.mark.parametrize("kept", [0, 5_000, 300_000])
def test_a_damaged_audit_is_reported_as_damaged_and_nothing_answers_for_it(
    tmp_path: Path, home: Path, kept: int
) -> None:
    export = write_export(tmp_path / "first", *TWO_CLIENTS)
    land_export(export, home)
    path = audit.audit_path(home)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(InputRefused, match="damaged"), audit.open_read_only(home) as reader:
        reader.execute("from sent_rows").fetchall()
    if kept < 10_000:
        with pytest.raises(InputRefused, match="damaged"):
            land_export(export, home)
