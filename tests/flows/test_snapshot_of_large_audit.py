"""The snapshot of a large audit is made at most once a minute, and whoever reads an older one sees how old it is."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from flows.audit import database, snapshot
from flows.landing.home import locked_home, renew_snapshot
from flows.landing.verified_home import check_snapshot
from tests.rules.world import World
from tests.support.command import Command
from tests.support.exports import TWO_CLIENTS, write_export
from tests.support.homes import make_small_home
from tests.support.runs import land_export

pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a snapshot of its first run, whose audit is as large as those of many prisons."""
    home = make_small_home(tmp_path / "home")
    monkeypatch.setattr(snapshot, "SMALL_FULL", 0)
    land_export(write_export(tmp_path / "first", *TWO_CLIENTS), home)
    return home


def land_again(tmp_path: Path, home: Path) -> None:
    land_export(write_export(tmp_path / "second", World(), *TWO_CLIENTS), home)


def count_runs_in_snapshot(home: Path) -> int:
    with duckdb.connect(str(database.snapshot_path(home)), read_only=True) as audit:
        [(count,)] = audit.execute("select count(*) from runs").fetchall()
    return int(count)


def at(home: Path, seconds: float) -> datetime:
    """So many seconds after the snapshot was made."""
    return datetime.fromtimestamp(database.snapshot_path(home).stat().st_ctime, UTC) + timedelta(seconds=seconds)


def test_the_second_landing_of_a_minute_makes_none(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    then = at(home, 30)
    monkeypatch.setattr("flows.landing.home.is_snapshot_due", lambda home, _: snapshot.is_snapshot_due(home, then))
    land_again(tmp_path, home)
    assert count_runs_in_snapshot(home) == 1
    assert not snapshot.snapshot_is_current(home)


@pytest.mark.parametrize(("seconds", "is_due"), [(1, False), (59, False), (61, True), (-5, True)])
def test_it_is_due_after_a_minute_or_if_the_clock_was_set_back(home: Path, seconds: float, is_due: bool) -> None:
    assert snapshot.is_snapshot_due(home, at(home, seconds)) == is_due


def test_that_of_a_small_audit_is_always_due(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "SMALL_FULL", database.audit_path(home).stat().st_size)
    assert snapshot.is_snapshot_due(home, at(home, 1))


def test_a_snapshot_with_personal_data_is_replaced_at_once_if_none_is_wanted(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "SMALL_PLAIN", 0)
    monkeypatch.setenv("NDTMS_SNAPSHOT", "plain")
    assert snapshot.is_snapshot_due(home, at(home, 1))
    with locked_home(home):
        pass
    assert not snapshot.is_snapshot_due(home, at(home, 1))


@pytest.fixture
def older(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose snapshot lacks the last run."""
    with monkeypatch.context() as patched:
        patched.setattr("flows.landing.home.is_snapshot_due", lambda *_: False)
        land_again(tmp_path, home)
    return home


def test_a_query_renews_it(older: Path, ndtms: Command) -> None:
    done = ndtms("sql", "select count(*) as runs from runs", "--home", str(older), "--format", "csv")
    assert (done.out, done.err) == ("runs\n2\n", "")
    assert snapshot.snapshot_is_current(older)


def test_while_a_run_writes_a_query_reports_the_age(older: Path, ndtms: Command) -> None:
    os.utime(database.snapshot_path(older), (1_700_000_000, 1_700_000_000))
    with locked_home(older, "a run"):
        sentence = renew_snapshot(older)
        assert "the snapshot is of 2023-11-14 22:13:20 UTC, and the audit has changed since, last at " in sentence
        done = ndtms("sql", "select count(*) as runs from runs", "--home", str(older), "--format", "csv")
    assert done.out == "runs\n1\n"
    assert f"{older}: {sentence}" in done.err


def test_the_end_of_a_backfill_makes_it(older: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.landing.home.is_snapshot_due", lambda *_: False)
    with locked_home(older, is_last=True):
        pass
    assert count_runs_in_snapshot(older) == 2


def test_verification_accepts_an_older_one_for_a_minute(older: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.landing.verified_home.is_snapshot_due", lambda *_: False)
    assert not check_snapshot(older).is_fault
    monkeypatch.setattr("flows.landing.verified_home.is_snapshot_due", lambda *_: True)
    assert check_snapshot(older).is_fault
    assert "`ndtms sql`, renews it" in check_snapshot(older).found
