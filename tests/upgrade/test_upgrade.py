"""An audit of every earlier version is upgraded: nothing is lost, and it has what a new audit has."""

from pathlib import Path

import duckdb
import pytest

from flows.audit.database import audit_path, create_in_memory, open_for_writing, open_read_only
from flows.audit.definitions import current_schema_number, list_migrations
from flows.audit.queries import Filters, query, query_view
from flows.audit.upgrade import create_or_upgrade
from flows.landing.home import locked_home
from flows.support.errors import InputRefused
from tests.support.exports import TWO_CLIENTS, write_export
from tests.support.homes import make_small_home, query_audit
from tests.support.runs import land_export
from tests.upgrade.kept_audits import NAMES, read_rows, unpack_audit

_COLUMNS = (
    "select schema_name, table_name, column_name, data_type, is_nullable from duckdb_columns() where not internal"
    " order by all"
)


@pytest.fixture(params=NAMES)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A home with the audit of an earlier version, and named after it."""
    return unpack_audit(request.param, tmp_path / request.param)


def find_number(name: str) -> int:
    """Returns the schema number of a kept audit."""
    return int(name.split("-")[1])


def test_migrations_are_numbered_without_a_gap() -> None:
    assert list(list_migrations()) == list(range(1, current_schema_number() + 1))


def test_an_upgrade_keeps_every_row(home: Path) -> None:
    before = read_rows(home)
    assert before["runs"]
    assert before["sent_rows"]
    assert create_or_upgrade(home) == find_number(home.name)
    assert read_rows(home) == before


def test_an_upgraded_audit_has_the_columns_of_a_new_one(home: Path) -> None:
    create_or_upgrade(home)
    with create_in_memory() as new:
        expected = new.execute(_COLUMNS).fetchall()
    assert query_audit(home, _COLUMNS) == expected


def test_a_second_upgrade_does_nothing(home: Path) -> None:
    create_or_upgrade(home)
    content = audit_path(home).read_bytes()
    assert create_or_upgrade(home) is None
    assert audit_path(home).read_bytes() == content


def test_a_month_lands_in_an_upgraded_audit(home: Path, tmp_path: Path) -> None:
    make_small_home(home)
    land_export(write_export(tmp_path / "export", *TWO_CLIENTS), home, "2023-06")
    assert query_audit(home, "select period, status from latest_runs order by period") == [
        ("2023-04", "landed"), ("2023-05", "landed"), ("2023-06", "landed"),
    ]  # fmt: skip
    assert query(home, "from changes_since_month").height > 0


def test_the_lock_tells_that_it_upgraded_the_audit(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    with locked_home(home):
        pass
    assert [record.getMessage() for record in caplog.records if "schema" in record.getMessage()] == [
        f"{audit_path(home)}: upgraded from schema {find_number(home.name)} to {current_schema_number()}"
    ]


def test_a_command_that_reads_an_earlier_audit_names_the_upgrade(home: Path) -> None:
    with pytest.raises(InputRefused, match=r"an earlier version of ndtms wrote this audit .*`ndtms upgrade` upgrades"):
        query_view(home, "findings", Filters())


def test_a_query_can_read_an_earlier_audit(home: Path) -> None:
    assert query(home, "from findings").height == {0: 7, 1: 5}[find_number(home.name)]


def test_a_newer_audit_is_neither_read_nor_written(home: Path) -> None:
    create_or_upgrade(home)
    with duckdb.connect(str(audit_path(home))) as audit:
        audit.execute("update internal.definitions set schema_number = 9999")
    for use in (open_read_only, open_for_writing):
        with pytest.raises(InputRefused, match=r"a newer version of ndtms wrote this audit \(schema 9999"), use(home):
            pass
    with pytest.raises(InputRefused, match="a newer version"):
        query(home, "from runs")


def test_an_audit_that_cannot_be_migrated_is_unchanged(home: Path) -> None:
    with duckdb.connect(str(audit_path(home))) as audit:
        if find_number(home.name) == 0:
            audit.execute("alter table found rename column value to secret")
        else:
            # A table that the next migration creates.
            audit.execute("create table forgotten (secret varchar)")
    content = audit_path(home).read_bytes()
    with pytest.raises(InputRefused, match=r"the audit cannot be upgraded from schema .*; it is unchanged"):
        create_or_upgrade(home)
    assert audit_path(home).read_bytes() == content
    assert [file.name for file in home.iterdir()] == ["audit.duckdb"]


def test_a_file_without_tables_becomes_an_audit(tmp_path: Path) -> None:
    with duckdb.connect(str(audit_path(tmp_path))):
        pass
    assert create_or_upgrade(tmp_path) is None
    assert query(tmp_path, "from runs").is_empty()
