"""A run that the audit calls landed has its file, whatever failed around the commit."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest

from flows.landing import recovery
from flows.landing.commit import record_failure
from flows.landing.home import locked_home
from flows.support.errors import FileNotMoved, RunFailed, hide_values
from schemas.submission_file import load_file_format
from tests.backfill.backfilling import backfilled
from tests.backfill.generated import write_history
from tests.reliability.full_disk import fill, small_file_system
from tests.support.exports import TWO_CLIENTS, write_export
from tests.support.homes import SUBMISSION_FILE, make_small_home, query_audit
from tests.support.runs import STARTED_AT, build_request, land_export
from tests.support.stops import stopped_at

NO_SPACE = 'IO Error: Could not write file "audit.duckdb": No space left on device'


def file_agrees(home: Path) -> bool:
    [(digest,)] = query_audit(
        home, "select output_sha256 from runs where status = 'landed' order by run_number desc limit 1"
    )
    return (home / SUBMISSION_FILE).is_file() and hashlib.sha256(
        (home / SUBMISSION_FILE).read_bytes()
    ).hexdigest() == digest


def test_an_error_that_comes_with_a_commit_that_went_through(export: Path, home: Path) -> None:
    with stopped_at("committed", duckdb.FatalException(NO_SPACE)):
        assert land_export(export, home).status == "landed"
    assert file_agrees(home)
    assert list((home / ".landing").iterdir()) == []


def test_a_checkpoint_that_fails_after_the_commit(export: Path, home: Path, caplog: pytest.LogCaptureFixture) -> None:
    with stopped_at("checkpoint", duckdb.FatalException(NO_SPACE)):
        assert land_export(export, home).status == "landed"
    assert file_agrees(home)
    assert "the audit could not be checkpointed (the disk is full)" in caplog.text


def test_a_file_that_cannot_be_moved_waits_and_no_failure_is_recorded(export: Path, home: Path) -> None:
    full = OSError(28, os.strerror(28))
    with (
        pytest.raises(FileNotMoved, match="has landed in the audit, but its file"),
        stopped_at("move the file", full),
    ):
        land_export(export, home)
    assert query_audit(home, "select status from runs") == [("landed",)]
    with locked_home(home):
        assert file_agrees(home)


def test_a_waiting_file_that_was_damaged_is_written_again_from_the_audit(export: Path, home: Path) -> None:
    with pytest.raises(KeyboardInterrupt), stopped_at("move the file", KeyboardInterrupt()):
        land_export(export, home)
    waiting = next((home / ".landing").rglob("*.csv"))
    waiting.write_bytes(waiting.read_bytes()[:-7])
    sentences = list(recovery.recover(home))
    assert sentences == [
        f"{home / SUBMISSION_FILE}: the file was missing; it was written again, as L0001-2023-04-1 landed it"
    ]
    assert file_agrees(home)


@pytest.mark.parametrize("damage", ["removed", "changed"])
def test_a_backfill_names_a_file_that_is_not_the_one_that_landed_and_writes_it_again(
    tmp_path: Path, damage: str
) -> None:
    exports, home = write_history(tmp_path / "exports", 1, 2, 4), make_small_home(tmp_path / "home")
    backfilled(exports, home, 2)
    before = (home / SUBMISSION_FILE).read_bytes()
    if damage == "removed":
        (home / SUBMISSION_FILE).unlink()
    else:
        (home / SUBMISSION_FILE).write_bytes(before.replace(b"C0000", b"C9999"))
    done = backfilled(exports, home, 2)
    assert [month.status for month in done.months] == ["unchanged", "unchanged"]
    found = "was missing" if damage == "removed" else "differed from the audit"
    assert [month.restored for month in done.months] == [
        f"{home / SUBMISSION_FILE}: the file {found}; it was written again, as L0001-2023-04-1 landed it", ""
    ]  # fmt: skip
    assert (home / SUBMISSION_FILE).read_bytes() == before


def test_a_file_that_the_audit_cannot_give_any_more_is_landed_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports, home = write_history(tmp_path / "exports", 1, 2, 4), make_small_home(tmp_path / "home")
    backfilled(exports, home, 2)
    (home / SUBMISSION_FILE).unlink()
    form = replace(load_file_format(), delimiter=";")
    monkeypatch.setattr(recovery, "load_format_in_force", lambda _home: form)
    done = backfilled(exports, home, 2)
    assert done.months[0].status == "landed"
    assert file_agrees(home)


def test_a_full_disk_is_called_a_full_disk() -> None:
    for error in (OSError(28, os.strerror(28)), duckdb.IOException(NO_SPACE), duckdb.FatalException(NO_SPACE)):
        assert str(hide_values(error)).startswith("the disk is full; free space for the home")
    outer = ValueError("something else")
    outer.__context__ = OSError(28, os.strerror(28))
    assert "disk is full" in str(hide_values(outer))
    assert "details are hidden" in str(hide_values(ValueError("Canary")))


def test_a_failure_that_cannot_be_recorded_does_not_hide_the_first(export: Path, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    request = replace(build_request(export, tmp_path / "home"), home=in_the_way / "home")
    assert record_failure(request, "it failed", STARTED_AT) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small file system")
@pytest.mark.parametrize("free_kb", [0, 600, 1200, 2000])
def test_on_a_disk_that_fills_up_audit_and_files_agree(export: Path, tmp_path: Path, free_kb: int) -> None:
    with small_file_system(tmp_path / "disk") as disk:
        home = make_small_home(disk / "home")
        land_export(export, home)
        correction = write_export(tmp_path / "correction", *TWO_CLIENTS, *TWO_CLIENTS[:1])
        filler = fill(disk, free_kb * 1000)
        try:
            land_export(correction, home)
        except (RunFailed, OSError, duckdb.Error, pl.exceptions.PolarsError) as error:
            assert "disk is full" in str(hide_values(error)) or isinstance(error, RunFailed)
        assert file_agrees(home)
        filler.unlink()
        land_export(correction, home)
        assert file_agrees(home)
