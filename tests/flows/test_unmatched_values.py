"""What the report proposes for a value that matches no code."""

import pytest

from flows.reports.run_page.charts import draw_limits
from flows.reports.run_page.unmatched import find_nearest_labels, list_unmatched
from schemas.code_lists import Code, CodeList, CodeLists

TIMES = CodeList("TSLPE", codes=(Code("A", "2 to 3 years"), Code("B", "Less than 1 year"), Code("C", "Never")))


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("LESS than 1 years", '"LESS than 1 years" = "Less than 1 year"'),
        ("Years 2 to 3", '"Years 2 to 3" = "2 to 3 years"'),
        # Spelt alike, but another number.
        ("1 to 2 years", '# "1 to 2 years" = "the label that it means"'),
        ("Declined", '# "Declined" = "the label that it means"'),
        ('a "quoted"\nvalue', '# "a \\"quoted\\"\\nvalue" = "the label that it means"'),
    ],
)
def test_only_a_label_with_the_same_numbers_is_proposed(value: str, line: str) -> None:
    row = {"field": "TSLPE", "value": value, "records": 2, "since": "2023-04"}
    [found] = list_unmatched([row], CodeLists({"TSLPE": TIMES}), ())
    assert (found.table, found.line) == ("[episodes.codes.TSLPE]", line)


def test_a_postcode_has_no_line() -> None:
    [found] = list_unmatched([{"field": "PC", "value": "QX9 4", "records": 1, "since": "2023-04"}], CodeLists({}), ())
    assert (found.line, found.labels) == ("", ())


def test_the_nearest_label_comes_first() -> None:
    assert find_nearest_labels("less than one year", TIMES)[0] == "Less than 1 year"


def test_the_limits_are_those_of_the_check() -> None:
    # As sql/quality/checks/volume.sql reports it: usually 51 to 123.
    warning = {"place": 1, "check_name": "volume", "found": 0.0, "expected": 83.0, "score": 4.259}
    months = [{"place": 1, "period": f"2023-0{number}", "value": value} for number, value in enumerate((83.0, 0.0), 4)]
    chart = draw_limits(warning, months)
    assert chart is not None
    assert chart.words == "Usual limits: 51 to 123. April 2023: 83; May 2023: 0."


@pytest.mark.parametrize(("not_official", "owner"), [((), "conversion"), (("TSLPE",), "reference")])
def test_a_list_that_is_not_official_is_loaded_before_the_mapping_is_corrected(
    not_official: tuple[str, ...], owner: str
) -> None:
    row = {"field": "TSLPE", "value": "Declined", "records": 2, "since": "2023-04"}
    [found] = list_unmatched([row], CodeLists({"TSLPE": TIMES}), not_official)
    assert found.owner == owner
