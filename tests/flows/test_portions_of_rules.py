"""The rules that compare with the previous submission run in portions, which change no result."""

from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from bench.national_export import write_export
from tests.support.runs import assess_request, build_request, land_export
from transforms.rules import stages

_RECORDS = 400


def test_portions_change_no_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, now, home = tmp_path / "before", tmp_path / "now", tmp_path / "home"
    write_export(before, _RECORDS)
    # The same records with other faults, so that many differ from the previous submission.
    write_export(now, _RECORDS, share_faulty=0.5)
    land_export(before, home)
    request = build_request(now, home, "2023-05")
    together = assess_request(request).submission
    # One rule at a time.
    monkeypatch.setattr(stages, "_MOST_COMPARED", 1)
    apart = assess_request(request).submission
    against_last = together.findings.filter(together.findings["old_value"].is_not_null())
    assert against_last["rule"].n_unique() > 3
    assert_frame_equal(apart.findings, together.findings)
    assert_frame_equal(apart.rules, together.rules)
