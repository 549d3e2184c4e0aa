"""Every rule of the whole file, in every situation of its table; and which worlds are clean."""

import pytest

from schemas.rules.catalogue import list_file_rules
from tests.rules.file_tables import FileCase, file_cases, situations_missing
from tests.rules.judging import judge_worlds, last_submission
from tests.rules.world import ABSCONDED, DISCHARGED, RELEASED, TRANSFERRED, Edit, World

_CASES = file_cases()


@pytest.mark.parametrize("case", _CASES, ids=[case.name for case in _CASES])
def test_the_rule_of_the_file_finds_just_what_its_table_lists(case: FileCase) -> None:
    rule = next(rule for rule in list_file_rules() if rule.name == case.rule)
    assert case.is_met_by(rule)


def test_every_situation_of_every_file_rule_is_tested_or_cannot_exist() -> None:
    assert situations_missing(_CASES) == set()


@pytest.mark.parametrize(
    "edit",
    [{}, DISCHARGED, ABSCONDED, TRANSFERRED, RELEASED],
    ids=["still there", "discharged", "absconded", "transferred", "released"],
)
def test_a_clean_world_breaks_no_rule(edit: Edit) -> None:
    """Else a test of one rule might pass for the sake of another fault."""
    worlds = [World(edit), World(edit)]
    judged = judge_worlds(worlds, "published", last_submission(worlds, "published"))
    assert judged.findings.is_empty()
    assert judged.dropped.is_empty()
