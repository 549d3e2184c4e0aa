"""Parses codes from codes or labels (definitions, section 3: coded fields)."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

import polars as pl
import pycountry

from schemas.code_lists import CodeList
from transforms.parse.unique_values import map_unique

_DASHES = "-‐‑‒–—―−﹘﹣－"
_NO_DASHES = dict.fromkeys(map(ord, _DASHES))
# What people write between a code and its label (definitions, section 3: coded fields).
_MARK = re.compile(r"[-–—:]")
# Names of countries that ISO 3166 does not have, by alpha-3 code (NATION). The NHS data dictionary records Kosovo,
# which ISO 3166 lacks, as Serbia.
_COMMON_NAMES = {
    "SRB": ("Kosovo", "XK", "XKX"),
    "GBR": ("England", "Scotland", "Wales", "Northern Ireland", "Great Britain", "Britain", "UK"),
    "IRL": ("Republic of Ireland", "Southern Ireland", "Eire"),
    "USA": ("USA", "United States"),
    "IRN": ("Iran",),
    "RUS": ("Russia",),
    "SYR": ("Syria",),
    "TUR": ("Turkey",),
    "KOR": ("South Korea",),
    "PRK": ("North Korea",),
    "VNM": ("Vietnam",),
    "MDA": ("Moldova",),
    "TZA": ("Tanzania",),
    "BOL": ("Bolivia",),
    "VEN": ("Venezuela",),
    "LAO": ("Laos",),
    "CIV": ("Ivory Coast",),
    "PSE": ("Palestine",),
    "TWN": ("Taiwan",),
    "CZE": ("Czech Republic",),
    "CPV": ("Cape Verde",),
    "SWZ": ("Swaziland",),
    "MMR": ("Burma",),
}


def casefold_codes(codes_of_source: Mapping[str, str]) -> dict[str, str]:
    """Casefolds a source's own values, which map to codes or labels."""
    return {value.strip().casefold(): meanings for value, meanings in codes_of_source.items()}


def translate(texts: pl.Series, meanings: Mapping[str, str]) -> pl.Series:
    """Replaces a source's own values by what they map to; other texts stay as they are."""
    return map_unique(
        texts,
        lambda distinct: pl.Series([meanings.get(text.casefold(), text) for text in distinct], dtype=pl.String),
        pl.String,
    )


def parse_codes(texts: pl.Series, code_list: CodeList) -> pl.Series:
    """Returns the code of the list that each text matches; null where it matches none or more than one.

    Tries in order: the exact code, the code ignoring case, the code ignoring leading zeros, the label or an alias
    ignoring case, dashes and spaces, and 'code – label'.
    """
    return _match_all(texts, code_list, prepare=str)


def parse_countries(texts: pl.Series, code_list: CodeList) -> pl.Series:
    """As `parse_codes`, for countries: ISO 3166-1 alpha-3 from alpha-3, alpha-2 or the English short name."""
    return _match_all(texts, code_list, prepare=_find_alpha_3)


def _match_all(texts: pl.Series, code_list: CodeList, prepare: Callable[[str], str]) -> pl.Series:
    match = _build_matcher(code_list)
    return map_unique(
        texts,
        lambda distinct: pl.Series([match(prepare(text)) for text in distinct], dtype=pl.String),
        pl.String,
    )


def _build_matcher(code_list: CodeList) -> Callable[[str], str | None]:
    """Returns a function from a text to the code it matches, which tries the strictest reading first."""
    codes = [(code.code, code.code) for code in code_list.codes]
    names = [(name, code.code) for code in code_list.codes for name in code.names]
    readings: tuple[tuple[Callable[[str], str], Sequence[tuple[str, str]]], ...] = (
        (str, codes), (str.casefold, codes), (_strip_leading_zeros, codes), (normalise_label, names)
    )  # fmt: skip

    # Built when a text needs it, because a stricter reading finds the code of most texts.
    @cache
    def build_lookup(place: int) -> Mapping[str, str]:
        # Leaves out keys that several codes share, so an ambiguous text falls through to the next reading.
        normalise, keys = readings[place]
        return _keep_unambiguous((normalise(key), code) for key, code in keys if normalise(key))

    @cache
    def build_labelled() -> Mapping[tuple[str, str], str]:
        return {(code.casefold(), normalise_label(name)): code for name, code in names}

    def match(text: str) -> str | None:
        candidates = (build_lookup(place).get(normalise(text)) for place, (normalise, _) in enumerate(readings))
        code = next((code for code in candidates if code is not None), None)
        return code or _match_labelled(text, build_labelled())

    return match


def _match_labelled(text: str, labelled: Mapping[tuple[str, str], str]) -> str | None:
    """Returns the code of 'code, a dash or a colon, its label or alias'; null where none or several match."""
    # Codes and labels may contain a mark themselves, so every mark of the text is tried.
    parts = ((text[: mark.start()].strip().casefold(), text[mark.end() :]) for mark in _MARK.finditer(text))
    matches = {labelled.get((code, normalise_label(label))) for code, label in parts} - {None}
    return matches.pop() if len(matches) == 1 else None


def _keep_unambiguous(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Returns the keys that belong to exactly one code."""
    codes_by_key: dict[str, set[str]] = {}
    for key, code in pairs:
        codes_by_key.setdefault(key, set()).add(code)
    return {key: next(iter(codes_found)) for key, codes_found in codes_by_key.items() if len(codes_found) == 1}


def _strip_leading_zeros(code: str) -> str:
    return code.lstrip("0") or code[-1:]


def normalise_label(label: str) -> str:
    """Removes case, dashes and spaces from a label."""
    return "".join(label.casefold().translate(_NO_DASHES).split())


def _find_alpha_3(text: str) -> str:
    """Returns the alpha-3 code of a country, or the text itself if it is not a country."""
    return _load_countries().get(normalise_label(text), text)


@cache
def _load_countries() -> dict[str, str]:
    by_text: dict[str, str] = {}
    for country in pycountry.countries:
        for text in (country.name, country.alpha_2, country.alpha_3):
            by_text[normalise_label(text)] = country.alpha_3
    for alpha_3, names in _COMMON_NAMES.items():
        by_text |= {normalise_label(name): alpha_3 for name in names}
    return by_text
