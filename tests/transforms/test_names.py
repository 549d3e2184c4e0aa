"""Initials from names: the first letter, accents and strokes taken off, upper case."""

import unicodedata

import polars as pl
import pytest

from transforms.parse.names import parse_initials

NO_BREAK_SPACE = chr(0xA0)


def initial(name: str | None) -> str | None:
    found: str | None = parse_initials(pl.Series([name], dtype=pl.String)).item()
    return found


@pytest.mark.parametrize(
    ("name", "letter"),
    [
        ("Max", "M"),
        ("max", "M"),
        ("M", "M"),
        ("O'Brian", "O"),
        ("McNeil", "M"),
        ("van der Berg", "V"),
        ("Édith", "E"),
        ("édith", "E"),
        (unicodedata.normalize("NFD", "Édith"), "E"),
        ("Łukasz", "L"),
        ("łukasz", "L"),
        ("Øyvind", "O"),
        ("Đorđe", "D"),
        ("Şule", "S"),
        ("Ångström", "A"),
        ("Ǻse", "A"),
        ("ısmail", "I"),
        ("İsmail", "I"),
        ("Ｍax", "M"),
        # After white space, apostrophes and hyphens.
        ("'élan", "E"),
        ("-Ann", "A"),
        ("  Ann", "A"),
        ("\tAnn", "A"),
        (f"{NO_BREAK_SPACE}Ann", "A"),
        ("’t Hooft", "T"),
        ("‘Ann", "A"),
        ("`Ann", "A"),
        ("- ' - Ann", "A"),
        ("–Ann", "A"),
        ("—Ann", "A"),
        ("‐Ann", "A"),
        ("d'Souza", "D"),
        # After any mark.
        ("(Max)", "M"),
        (".Ann", "A"),
        ("*?! Ann", "A"),
        ("☺Ann", "A"),
        # Letters of their own.
        ("Æthel", "A"),
        ("æthel", "A"),
        ("Ǽthel", "A"),
        ("Œuvre", "O"),
        ("ßeta", "S"),
        ("Þór", "T"),
        ("þór", "T"),
        ("Ðavid", "D"),
        ("ðavid", "D"),
    ],
)
def test_the_initial_of_a_name(name: str, letter: str) -> None:
    assert initial(name) == letter


@pytest.mark.parametrize("name", [None, "", "12", "?", "'", "- -", "1st", "(1) Ann", "Юрий", "李", "Ωmega", "☺"])
def test_what_is_no_name_has_no_initial(name: str | None) -> None:
    assert initial(name) is None


def test_order_and_repeats_are_kept() -> None:
    names = pl.Series(["Max", None, "Ann", "Max", "12"])
    assert parse_initials(names).to_list() == ["M", None, "A", "M", None]
