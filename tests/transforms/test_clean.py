"""Cleaning: outer white space goes, what counts as blank becomes null, and exact repeats are marked."""

import polars as pl
import pytest

from transforms.parse.clean import clean_text, mark_exact_repeats

NO_BREAK_SPACE = chr(0xA0)


def cleaned(text: str | None, blanks: tuple[str, ...] = ()) -> str | None:
    table = pl.DataFrame({"SEX": [text]}, schema={"SEX": pl.String})
    found: str | None = clean_text(table, blanks)["SEX"].item()
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("M", "M"),
        ("  M\t", "M"),
        ("\r\n M \n", "M"),
        (f"{NO_BREAK_SPACE}M{NO_BREAK_SPACE}", "M"),
        ("two  words", "two  words"),
        ("", None),
        ("   ", None),
        ("\t\n", None),
        (None, None),
        # Nothing but the empty string is blank of its own accord.
        ("NULL", "NULL"),
        ("-", "-"),
        ("0", "0"),
        ('""', '""'),
    ],
)
def test_outer_white_space_goes_and_the_empty_text_is_blank(text: str | None, expected: str | None) -> None:
    assert cleaned(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("NULL", None), ("  NULL ", None), ("null", "null"), ("NULLS", "NULLS"), ("Not recorded", None), ("", None)],
)
def test_a_source_may_name_other_blanks(text: str, expected: str | None) -> None:
    assert cleaned(text, ("NULL", "Not recorded")) == expected


def test_columns_that_are_no_text_stay_as_they_are() -> None:
    table = pl.DataFrame({"SEX": [" M ", ""], "source_line": [2, 3]})
    assert clean_text(table).to_dict(as_series=False) == {"SEX": ["M", None], "source_line": [2, 3]}


def marked(rows: list[dict[str, str | None]], known: list[str]) -> list[bool]:
    table = pl.DataFrame(rows, schema=dict.fromkeys(rows[0], pl.String))
    return mark_exact_repeats(table, known, "MODID", "is_repeat")["is_repeat"].to_list()


def row(identifier: str | None, modality: str | None, note: str = "") -> dict[str, str | None]:
    return {"MODID": identifier, "MODAL": modality, "note": note}


REPEATS: dict[str, tuple[list[dict[str, str | None]], list[bool]]] = {
    "the first of three stays": ([row("M1", "A"), row("M1", "A"), row("M1", "A")], [False, True, True]),
    "one field differs": ([row("M1", "A"), row("M1", "B")], [False, False]),
    "another id differs": ([row("M1", "A"), row("M2", "A")], [False, False]),
    "between two others": ([row("M1", "A"), row("M1", "B"), row("M1", "A")], [False, False, True]),
    "a column that is not known": ([row("M1", "A", "x"), row("M1", "A", "y")], [False, True]),
    "blanks are equal": ([row("M1", None), row("M1", None)], [False, True]),
    "blank ids, all alike": ([row(None, "A"), row(None, "A")], [False, True]),
    "blank ids, not alike": ([row(None, "A"), row(None, "B")], [False, False]),
    "a blank and a text": ([row("M1", None), row("M1", "A")], [False, False]),
    "no repeat": ([row("M1", "A")], [False]),
}


@pytest.mark.parametrize("case", REPEATS)
def test_exact_repeats_are_those_of_all_known_columns(case: str) -> None:
    rows, expected = REPEATS[case]
    assert marked(rows, ["MODID", "MODAL"]) == expected


def test_an_empty_table_has_no_repeats() -> None:
    table = pl.DataFrame(schema={"MODID": pl.String})
    assert mark_exact_repeats(table, ["MODID"], "MODID", "is_repeat")["is_repeat"].to_list() == []
