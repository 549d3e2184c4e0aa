"""How hard a value outside its list is: as rules.csv has it where the list is published, else a warning."""

from datetime import date

import pytest

from schemas.conditions.condition import RuleContext
from schemas.rules.catalogue import list_record_rules
from tests.rules.families import CODED
from tests.rules.judging import all_lists, context_of, judge_worlds, tied_records
from tests.rules.world import UNKNOWN, World

_REJECTED = ("SEX", "DRUG1")
_RULES = {rule.name: rule for rule in list_record_rules()}


@pytest.mark.parametrize("header", list(CODED))
def test_a_published_list_has_the_severity_that_is_written(header: str) -> None:
    expected = "reject" if header in _REJECTED else "error"
    assert _RULES[f"{header}.code"].get_severity(context_of("published")) == expected


@pytest.mark.parametrize("header", [header for header, coded in CODED.items() if coded.status == "published"])
def test_the_shipped_lists_of_the_definitions_are_published(header: str) -> None:
    assert _RULES[f"{header}.code"].get_severity(context_of("shipped")) == "error"


@pytest.mark.parametrize("header", [header for header, coded in CODED.items() if coded.status == "provisional"])
def test_a_provisional_list_only_warns(header: str) -> None:
    assert _RULES[f"{header}.code"].get_severity(context_of("shipped")) == "warning"


def test_what_a_provisional_list_lacks_is_sent_as_it_came() -> None:
    records = judge_worlds([World({"SEX": UNKNOWN, "ETHNIC": UNKNOWN})]).records
    assert records.client.select("SEX.sent", "ETHNIC.sent").row(0) == (UNKNOWN, UNKNOWN)
    assert not records.client["is_rejected"].any()


def test_what_a_published_list_lacks_is_sent_as_blank_or_rejected() -> None:
    records = judge_worlds([World({"SEX": UNKNOWN}), World({"ETHNIC": UNKNOWN})], "published").records
    assert records.client["is_rejected"].to_list() == [True, False]
    assert records.client["ETHNIC.sent"].to_list() == ["A", None]


@pytest.mark.parametrize(
    ("code", "last_day", "is_listed"),
    [
        ("E06000063", date(2023, 3, 31), False),
        ("E06000063", date(2023, 4, 30), True),
        ("E10000006", date(2023, 3, 31), True),
        ("E10000006", date(2023, 4, 30), False),
    ],
)
def test_a_code_counts_in_the_periods_it_is_valid_in(code: str, last_day: date, is_listed: bool) -> None:
    context = RuleContext(last_day, all_lists("published").on(last_day))
    episode = tied_records([World({"UTLA": code})], context).episode
    assert episode.select(_RULES["UTLA.code"].statement.is_broken(context)).item() is not is_listed
