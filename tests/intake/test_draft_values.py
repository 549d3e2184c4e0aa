"""Drafts of mappings: which values are dates, and in which forms."""

import polars as pl
import pytest

from flows.intake.draft.values import is_date_column, list_forms


@pytest.mark.parametrize(
    ("values", "forms"),
    [
        (["2023-04-03", "03/04/2023 14:07:26.123", "03-Apr-2023"], []),
        (["3/4/2023", "13/4/2023", "03/04/2023"], ["%-d/%-m/%Y"]),
        (["3/4/2023 14:07", None], ["%-d/%-m/%Y %H:%M"]),
        (["03.04.2023 14:07:26.123", "03.04.2023 14:07:26"], ["%d.%m.%Y %H:%M:%S.%f"]),
        (["03 Apr 2023", "04 Apr 2023 14:07:26.5"], ["%d %b %Y", "%d %b %Y %H:%M:%S.%f"]),
        (["yes", "no"], []),
    ],
)
def test_a_draft_names_the_forms_that_the_values_need(values: list[str | None], forms: list[str]) -> None:
    assert list_forms(pl.Series(values, dtype=pl.String)) == forms


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["3/4/2023", "13/4/2023"], True),
        (["4/13/2023", "4/14/2023"], False),
        (["03.04.2023 14:07:26.123", None], True),
        (["1.5", "2.25", "10.125"], False),
        ([None], False),
    ],
)
def test_a_column_of_dates_is_recognised_by_its_values(values: list[str | None], expected: bool) -> None:
    assert is_date_column(pl.Series(values, dtype=pl.String)) is expected
