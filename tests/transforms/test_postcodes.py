"""Postcodes: which shapes there are, what may be written instead, and what a sector is."""

import polars as pl
import pytest

from transforms.parse.postcodes import NO_FIXED_ABODE_SECTOR, parse_postcodes

Recognised = tuple[str | None, str | None, bool | None]


def recognised(text: str | None) -> Recognised:
    found = parse_postcodes(pl.Series([text], dtype=pl.String)).struct.unnest().row(0)
    sector, unit, outside_uk, _, _ = found
    return sector, unit, outside_uk


@pytest.mark.parametrize(
    ("text", "sector", "unit"),
    [
        # The six shapes before 9AA, and GIR.
        ("M1 1AE", "M1 1", "AE"),
        ("B33 8TH", "B33 8", "TH"),
        ("W1A 0AX", "W1A 0", "AX"),
        ("CR2 6XH", "CR2 6", "XH"),
        ("DN55 1PT", "DN55 1", "PT"),
        ("EC1A 1BB", "EC1A 1", "BB"),
        ("GIR 0AA", "GIR 0", "AA"),
        # White space anywhere, in any case.
        ("NR147UJ", "NR14 7", "UJ"),
        ("nr14 7uj", "NR14 7", "UJ"),
        ("N R 1 4 7 U J", "NR14 7", "UJ"),
        ("NR1 47UJ", "NR14 7", "UJ"),
        ("NR14 UJ", "NR1 4", "UJ"),
        (" NR14\t7UJ ", "NR14 7", "UJ"),
        (f"NR14{chr(0xA0)}7UJ", "NR14 7", "UJ"),
        # Which letters exist is not asked.
        ("QQ99 9ZZ", "QQ99 9", "ZZ"),
        ("ZZ99 3VZ", "ZZ99 3", "VZ"),
        ("zz993vz", "ZZ99 3", "VZ"),
    ],
)
def test_full_postcodes(text: str, sector: str, unit: str) -> None:
    assert recognised(text) == (sector, unit, False)


@pytest.mark.parametrize(
    ("text", "sector"),
    [("NR14 7", "NR14 7"), ("M1 1", "M1 1"), ("EC1A 1", "EC1A 1"), ("GIR 0", "GIR 0"), ("ZZ99 3", "ZZ99 3")],
)
def test_a_sector_passes_as_it_is(text: str, sector: str) -> None:
    assert recognised(text) == (sector, None, False)


@pytest.mark.parametrize("text", ["NFA", "nfa", "No Fixed Abode", "NO FIXED ABODE", "no  fixed abode"])
def test_no_fixed_abode(text: str) -> None:
    assert recognised(text) == (NO_FIXED_ABODE_SECTOR, None, False)


@pytest.mark.parametrize("text", ["OUTSIDE UK", "Outside UK", "outside uk"])
def test_outside_the_uk(text: str) -> None:
    assert recognised(text) == (NO_FIXED_ABODE_SECTOR, None, True)


@pytest.mark.parametrize(
    "text",
    [
        "NR147", "NR14", "NR", "14 7UJ", "NR14 7U", "NR14 7UJJ", "NR14 77UJ", "NR144 7UJ", "NRR1 7UJ",
        "N1AA 7UJ", "NR14-7UJ", "NR14 7U1", "1R14 7UJ", "GIRA 0AA", "NR14 7UJ.", "NO ABODE", "N F A", "OUTSIDE",
        "unknown", "?", "NR١٤ 7UJ", "ÑR14 7UJ", "NR14 7UJ NR14 7UL", "NR14 7\nx",
    ],
)  # fmt: skip
def test_what_is_no_postcode(text: str) -> None:
    sector, unit, _ = recognised(text)
    assert (sector, unit) == (None, None)


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("ZZ99 1WZ", "S92000003"),
        ("ZZ99 2WZ", "N92000002"),
        ("zz993gz", "W92000004"),
        ("Z Z99 3CZ", None),
        ("ZZ99 9ZZ", None),
    ],
)
def test_pseudo_postcodes_are_of_a_country_or_of_none(text: str, country: str | None) -> None:
    found = parse_postcodes(pl.Series([text])).struct.unnest().row(0, named=True)
    assert found == {"sector": None, "unit": None, "outside_uk": False, "is_pseudo": True, "country": country}


@pytest.mark.parametrize(
    "text", ["ZZ99 3VZ", "zz993vz", "ZZ99 3", "NFA", "OUTSIDE UK", "ZZ98 3CZ", "ZZ9 3CZ", "ZZ99 3C"]
)
def test_what_is_no_pseudo_postcode(text: str) -> None:
    found = parse_postcodes(pl.Series([text])).struct.unnest().row(0, named=True)
    assert (found["is_pseudo"], found["country"]) == (False, None)


def test_blank_stays_blank() -> None:
    assert parse_postcodes(pl.Series([None], dtype=pl.String)).to_list() == [None]
