"""Codes from codes or labels: the readings in their order, each only where just one code fits."""

import polars as pl
import pytest

from schemas.code_lists import Code, CodeList
from transforms.parse.codes import casefold_codes, parse_codes, parse_countries, translate


def code_list(*pairs: tuple[str, str]) -> CodeList:
    return CodeList("SEX", "published", "made up", tuple(Code(code, label) for code, label in pairs))


def fitted(text: str | None, *pairs: tuple[str, str]) -> str | None:
    found: str | None = parse_codes(pl.Series([text], dtype=pl.String), code_list(*pairs)).item()
    return found


SEX = (("M", "Male"), ("F", "Female"))
NUMBERS = (("01", "Owner occupier"), ("2", "Rents"), ("0", "None"))
CASES = (("Ab", "first"), ("aB", "second"), ("c", "third"))


@pytest.mark.parametrize(
    ("pairs", "text", "expected"),
    [
        # Exact, then in another case.
        (SEX, "M", "M"),
        (SEX, "m", "M"),
        (SEX, "male", "M"),
        (SEX, "X", None),
        (SEX, None, None),
        (CASES, "Ab", "Ab"),
        (CASES, "aB", "aB"),
        (CASES, "AB", None),
        (CASES, "C", "c"),
        # Without leading zeros.
        (NUMBERS, "1", "01"),
        (NUMBERS, "001", "01"),
        (NUMBERS, "02", "2"),
        (NUMBERS, "00", "0"),
        (NUMBERS, "20", None),
        ((("1", "one"), ("01", "nought one")), "1", "1"),
        ((("1", "one"), ("01", "nought one")), "01", "01"),
        ((("1", "one"), ("01", "nought one")), "001", None),
        # A label without regard to case, dash and space.
        (NUMBERS, "OWNER OCCUPIER", "01"),
        (NUMBERS, "owner-occupier", "01"),
        (NUMBERS, "owneroccupier", "01"),
        (NUMBERS, "Owner – occupier", "01"),
        ((("A", "Opioid maintenance – methadone"),), "Opioid maintenance - methadone", "A"),
        ((("A", "Opioid maintenance – methadone"),), "opioid maintenance methadone", "A"),
        ((("A", "Straße"),), "STRASSE", "A"),
        ((("A", "same"), ("B", "same")), "same", None),
        ((("A", "same"), ("B", "Sa-me")), "same", None),
        ((("A", "Other"), ("B", "other")), "OTHER", None),
        # The stricter reading wins, whatever else a looser one would find.
        ((("A", "B"), ("B", "A")), "A", "A"),
        ((("A", "b"), ("B", "c")), "b", "B"),
        ((("01", "2"), ("02", "1")), "1", "01"),
        # A reading that fits several leaves it to the next one.
        ((("Ab", "x"), ("aB", "y"), ("C", "AB")), "AB", "C"),
        ((("001", "x"), ("01", "y"), ("C", "1")), "1", "C"),
        # The same code twice, of two days, is one code; an empty label is no label.
        ((("A", "early"), ("A", "late")), "a", "A"),
        ((("A", ""), ("B", "")), "-", None),
        ((("A", ""),), " ", None),
        ((), "A", None),
    ],
)
def test_what_fits(pairs: tuple[tuple[str, str], ...], text: str | None, expected: str | None) -> None:
    assert fitted(text, *pairs) == expected


ALIASED = CodeList(
    "DISRSN",
    "published",
    "made up",
    (
        Code("80", "Completed – drug free", aliases=("Complete - drug free", "Drug free")),
        Code("81", "Completed – alcohol free", aliases=("drugfree",)),
        Code("C", "Currently injecting", aliases=("Injecting: now",)),
        Code("A-B", "One: two"),
    ),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("COMPLETE drug-free", "80"),
        # The alias of two codes is of neither.
        ("drug free", None),
        # The code, a mark, and its label or an alias.
        ("C – currently injecting", "C"),
        ("c-Currently injecting", "C"),
        ("C —  CURRENTLY-injecting", "C"),
        ("C: injecting: now", "C"),
        ("C:Injecting:now", "C"),
        ("80 - drug free", "80"),
        ("81 - drug free", "81"),
        ("80 - Completed - drug free", "80"),
        ("A-B: One: two", "A-B"),
        ("a-b - one: TWO", "A-B"),
        # No mark, another mark, another's label, no label, and a code otherwise written.
        ("C currently injecting", None),
        ("C / currently injecting", None),
        ("C, currently injecting", None),
        ("81 - Completed - drug free", None),
        ("C -", None),
        ("- currently injecting", "C"),
        ("080 - drug free", None),
        ("currently injecting - C", None),
    ],
)
def test_aliases_and_codes_with_their_label(text: str, expected: str | None) -> None:
    assert parse_codes(pl.Series([text]), ALIASED).item() == expected


NATIONS = code_list(
    ("GBR", "United Kingdom"), ("SRB", "Serbia"), ("VNM", "Viet Nam"), ("CIV", "Côte d'Ivoire"), ("ZZZ", "Not stated")
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GBR", "GBR"),
        ("gbr", "GBR"),
        ("GB", "GBR"),
        ("gb", "GBR"),
        ("United Kingdom", "GBR"),
        ("UNITED KINGDOM", "GBR"),
        ("Viet Nam", "VNM"),
        ("Côte d'Ivoire", "CIV"),
        ("Kosovo", "SRB"),
        ("KOSOVO", "SRB"),
        ("XK", "SRB"),
        ("xk", "SRB"),
        ("XKX", "SRB"),
        ("RS", "SRB"),
        ("Serbia", "SRB"),
        ("Not stated", "ZZZ"),
        # A country, but not one of the list; and no country at all.
        ("France", None),
        ("FRA", None),
        ("Narnia", None),
        ("UK", "GBR"),
        ("england", "GBR"),
        ("Northern-Ireland", "GBR"),
        ("Great Britain", "GBR"),
        ("VIETNAM", "VNM"),
        ("Ivory Coast", "CIV"),
        ("Eire", None),
        ("826", None),
        (None, None),
    ],
)
def test_countries(text: str | None, expected: str | None) -> None:
    assert parse_countries(pl.Series([text], dtype=pl.String), NATIONS).item() == expected


def test_other_lists_know_no_countries() -> None:
    assert parse_codes(pl.Series(["GB", "Kosovo"]), NATIONS).to_list() == [None, None]


def test_kosovo_is_nothing_where_serbia_is_not_listed() -> None:
    assert parse_countries(pl.Series(["Kosovo"]), code_list(("GBR", "United Kingdom"))).to_list() == [None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Man", "M"), ("MAN", "M"), ("man", "M"), ("M an", "M an"), ("Woman", "Female"), ("other", "other"), (None, None)],
)
def test_local_values_map_to_codes_or_labels(text: str | None, expected: str | None) -> None:
    stands_for = casefold_codes({" Man ": "M", "Woman": "Female"})
    assert translate(pl.Series([text], dtype=pl.String), stands_for).item() == expected
