"""One catalogue: the rules that are written down, those in the code, and those that are tested are the same."""

import csv
from collections.abc import Collection
from pathlib import Path
from typing import Final

import pytest

from schemas.rule import RuleInfo
from schemas.rules.catalogue import list_rules
from tests.rules.all_tables import CASES, NEVER
from tests.rules.case import SITUATIONS, Case
from tests.rules.file_tables import NEVER as NEVER_OF_FILE
from tests.rules.file_tables import FileCase, file_cases

_METADATA = ("entity", "field", "severity", "basis", "section", "owner")


def _written() -> dict[str, dict[str, str]]:
    """The list of rules that the definitions' readers agreed on; the catalogue must equal it."""
    with (Path(__file__).parents[1] / "spec" / "rules.csv").open(encoding="utf-8", newline="") as handle:
        return {row["rule"]: row for row in csv.DictReader(handle, strict=True)}


WRITTEN: Final = _written()
IN_CODE: Final[dict[str, RuleInfo]] = {rule.name: rule for rule in list_rules()}
ALL_CASES: Final[tuple[Case | FileCase, ...]] = (*CASES, *file_cases())
TESTED: Final = frozenset((case.rule, case.situation) for case in ALL_CASES)
REASONS: Final = {**NEVER, **NEVER_OF_FILE}


def missing(written: Collection[str], in_code: Collection[str], tested: Collection[str]) -> set[str]:
    """The rules that one of the three lacks."""
    return (set(written) | set(in_code) | set(tested)) - (set(written) & set(in_code) & set(tested))


def test_written_coded_and_tested_rules_are_the_same() -> None:
    tested = {rule for rule, _ in TESTED}
    assert [f"{rule} has no line in tests/spec/rules.csv" for rule in sorted(IN_CODE.keys() - WRITTEN.keys())] == []
    assert [f"{rule} has no function in schemas/rules/" for rule in sorted(WRITTEN.keys() - IN_CODE.keys())] == []
    assert [f"{rule} has no table in tests/rules/" for rule in sorted(IN_CODE.keys() - tested)] == []
    assert missing(WRITTEN, IN_CODE, tested) == set()
    assert len(list_rules()) == len(IN_CODE) == len(WRITTEN)


@pytest.mark.parametrize("lacking", ["written", "in_code", "tested"])
@pytest.mark.parametrize("rule", ["EXITRSN.pair", "DISD.future", "UTLA.changed", "FILE.shrunk"])
def test_a_rule_that_one_of_them_lacks_is_noticed(rule: str, lacking: str) -> None:
    # Checks `missing` itself, because the test above compares equal catalogues only.
    everywhere = {name: set(WRITTEN) for name in ("written", "in_code", "tested")}
    everywhere[lacking].remove(rule)
    assert missing(**everywhere) == {rule}


@pytest.mark.parametrize("rule", sorted(WRITTEN))
def test_the_code_matches_the_written_rules(rule: str) -> None:
    written, in_code = WRITTEN[rule], IN_CODE[rule]
    assert {name: getattr(in_code, name) for name in _METADATA} == {name: written[name] for name in _METADATA}


@pytest.mark.parametrize("rule", sorted(WRITTEN))
def test_every_situation_of_a_rule_is_tested_or_cannot_exist(rule: str) -> None:
    tested = {situation for situation in SITUATIONS if (rule, situation) in TESTED}
    excused = {situation for situation in SITUATIONS if REASONS.get((rule, situation))}
    assert tested | excused == set(SITUATIONS)
    assert not tested & excused
    assert tested >= {"breached", "near_miss"}


def test_a_breach_is_reported_and_a_near_miss_is_not() -> None:
    assert {case.name for case in CASES if case.situation == "breached" and not case.reported} == set()
    assert {case.name for case in CASES if case.situation == "near_miss" and case.reported} == set()


def test_no_case_occurs_twice() -> None:
    names = [case.name for case in ALL_CASES]
    assert len(names) == len(set(names))
