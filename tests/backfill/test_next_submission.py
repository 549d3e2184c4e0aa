"""What a worker passes on to the next month of its agency is what the audit has of the agency's earlier months."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from flows.audit import database
from flows.audit.previous import find_last_landed, load_submission, write_submission
from tests.backfill.backfilling import backfilled
from tests.backfill.generated import agency, months, write_history
from transforms.link.previous import SUBMISSION_FRAMES

AGENCIES, MONTHS, CLIENTS = 2, 6, 16


def test_each_month_passes_on_what_the_audit_has_of_the_months_so_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed_on: dict[str, Mapping[str, pl.DataFrame]] = {}

    def write(frames: Mapping[str, pl.DataFrame], folder: Path) -> None:
        # A worker writes to a folder with another name, and then moves it.
        passed_on[folder.name.partition(".")[0]] = frames
        write_submission(frames, folder)

    monkeypatch.setattr("flows.months.job.write_submission", write)
    home = tmp_path / "home"
    backfilled(write_history(tmp_path / "exports", AGENCIES, MONTHS, CLIENTS), home, MONTHS)
    later = str(months(MONTHS + 1)[-1])
    with database.open_read_only(home) as audit:
        for place in range(AGENCIES):
            for month in [*map(str, months(MONTHS)[1:]), later]:
                run = find_last_landed(audit, agency(place), month)
                assert run
                expected = load_submission(audit, agency(place), run).frames
                for name in SUBMISSION_FRAMES:
                    assert _sort(passed_on[run.run_id][name]).equals(_sort(expected[name])), (run.run_id, name)
    # One of the months is blocked, and is not compared with.
    assert len(passed_on) == AGENCIES * MONTHS - 1


def _sort(frame: pl.DataFrame) -> pl.DataFrame:
    columns = sorted(frame.columns)
    return frame.select(columns).sort(columns)
