"""The contestants of `make compare` find the same rows at fault, and nothing is reported where they do not."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from bench.comparison.chosen_rules import build_context, choose_rules
from bench.comparison.contestant import run_contestant
from bench.comparison.page import BEGIN, END, PAGE, Line, Size, build_tables, replace_tables
from bench.comparison.rows import write_rows
from bench.comparison.run import CONTESTANTS, refuse_different_verdicts
from bench.comparison.verdicts import Verdicts

ROWS = 800


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_the_contestants_give_the_same_verdicts(tmp_path: Path, home: Path, seed: int) -> None:
    rules = choose_rules(build_context())
    folder = tmp_path / "rows"
    # With this many faults, some row breaks each rule.
    write_rows(folder, ROWS, rules, share_faulty=1, faults=len(rules) // 4, seed=seed)
    verdicts = {name: run_contestant(name, folder, home).verdicts for name in CONTESTANTS}
    refuse_different_verdicts(verdicts)
    for name, found in verdicts.items():
        assert set(found.broken) == {rule.name for rule in rules}, name
        assert [rule for rule, rows in found.broken.items() if not 0 < rows < ROWS] == [], name
        assert found.given >= ROWS * len(rules), name


@pytest.mark.slow
def test_episodes_without_faults_break_none_of_the_rules(tmp_path: Path, home: Path) -> None:
    rules = choose_rules(build_context())
    write_rows(tmp_path / "rows", ROWS, rules, share_faulty=0, faults=0)
    verdicts = {name: run_contestant(name, tmp_path / "rows", home).verdicts for name in CONTESTANTS}
    refuse_different_verdicts(verdicts)
    assert [rule for rule, rows in verdicts["rules"].broken.items() if rows] == []


@pytest.mark.parametrize("other", [{"A.code": 3, "B.date": 1}, {"A.code": 3}])
def test_different_verdicts_are_refused_with_the_names_of_the_rules(
    other: Mapping[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    ours = Verdicts({"A.code": 3, "B.date": 2}, given=20)
    refuse_different_verdicts({"rules": ours, "again": replace(ours)})
    with pytest.raises(SystemExit) as stopped:
        refuse_different_verdicts({"rules": ours, "other": Verdicts(other, given=20)})
    # A text as the exit code is printed, and the program exits with 1.
    assert "B.date: rules 2, other" in str(stopped.value.code)
    assert "A.code" not in str(stopped.value.code)


def test_the_page_has_a_place_for_the_tables() -> None:
    line = Line(verdicts=2_000_000, seconds=0.5, parsing=0.25, judging=0.125, mebibytes=100)
    tables = build_tables([Size(1000, {"rules": line, "python": replace(line, seconds=2)})], 2, 0.05, 3)
    assert "| 2,000,000 | 0.50 | 0.25 | 0.12 | 4.0 | 1.00 | 100 |" in tables
    assert "| 2,000,000 | 2.00 |  |  | 1.0 | 4.00 | 100 |" in tables
    page = PAGE.read_text(encoding="utf-8")
    written = replace_tables(page, tables)
    assert written.count(tables) == 1
    assert replace_tables(written, tables) == written
    assert (page.partition(BEGIN)[0], page.partition(END)[2]) == (
        written.partition(BEGIN)[0],
        written.partition(END)[2],
    )
    with pytest.raises(ValueError, match="has no line"):
        replace_tables("a page", tables)
