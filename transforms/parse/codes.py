"""Codes from codes or labels (definitions of the outside, section 3: coded fields)."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache

import polars as pl
import pycountry

from schemas.code_lists import CodeList
from transforms.parse.unique_values import map_distinct

_DASHES = "-‐‑‒–—―−﹘﹣－"
# The NHS data dictionary records Kosovo, which ISO 3166 lacks, as Serbia (NATION).
_KOSOVO, _SERBIA = ("kosovo", "xk", "xkx"), "SRB"


def translated(codes_of_source: Mapping[str, str]) -> dict[str, str]:
    """A source's own values, casefolded, and what each stands for."""
    return {value.strip().casefold(): stands_for for value, stands_for in codes_of_source.items()}


def translate(texts: pl.Series, stands_for: Mapping[str, str]) -> pl.Series:
    """What a source's own values stand for; those it does not name stay as they are."""
    return map_distinct(
        texts,
        lambda distinct: pl.Series([stands_for.get(text.casefold(), text) for text in distinct], dtype=pl.String),
        pl.String,
    )


def codes(texts: pl.Series, code_list: CodeList) -> pl.Series:
    """The code of the list that each text is; null where it fits none, or more than one.

    A text is an exact code, else a code in another case, else a code but for leading zeros, else
    a label without regard to case, dash and space.
    """
    return _fitted(texts, code_list, prepare=str)


def countries(texts: pl.Series, code_list: CodeList) -> pl.Series:
    """As `codes`, for countries: ISO 3166-1 alpha-3 from alpha-3, alpha-2 or the English short name."""
    return _fitted(texts, code_list, prepare=_alpha_3)


def _fitted(texts: pl.Series, code_list: CodeList, prepare: Callable[[str], str]) -> pl.Series:
    fit = _matcher(code_list)
    return map_distinct(
        texts,
        lambda distinct: pl.Series([fit(prepare(text)) for text in distinct], dtype=pl.String),
        pl.String,
    )


def _matcher(code_list: CodeList) -> Callable[[str], str | None]:
    """A function from a text to the code it fits, trying the looser readings last."""
    readings: tuple[tuple[Callable[[str], str], Mapping[str, str]], ...] = tuple(
        (reading, _only_fits((reading(key), code) for key, code in keys if reading(key)))
        for reading, keys in (
            (str, [(code.code, code.code) for code in code_list.codes]),
            (str.casefold, [(code.code, code.code) for code in code_list.codes]),
            (_without_leading_zeros, [(code.code, code.code) for code in code_list.codes]),
            (bare_label, [(code.label, code.code) for code in code_list.codes]),
        )
    )

    def fit(text: str) -> str | None:
        found = (fits.get(reading(text)) for reading, fits in readings)
        return next((code for code in found if code is not None), None)

    return fit


def _only_fits(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Keys that speak of one code alone."""
    found: dict[str, set[str]] = {}
    for key, code in pairs:
        found.setdefault(key, set()).add(code)
    return {key: next(iter(codes_found)) for key, codes_found in found.items() if len(codes_found) == 1}


def _without_leading_zeros(code: str) -> str:
    return code.lstrip("0") or code[-1:]


def bare_label(label: str) -> str:
    """A label without regard to case, dash and space."""
    return "".join(label.casefold().translate(dict.fromkeys(map(ord, _DASHES))).split())


def _alpha_3(text: str) -> str:
    """The alpha-3 code of a country; the text itself where it is none."""
    folded = text.casefold()
    if folded in _KOSOVO:
        return _SERBIA
    return _countries().get(folded, text)


@cache
def _countries() -> dict[str, str]:
    by_text: dict[str, str] = {}
    for country in pycountry.countries:
        for text in (country.name, country.alpha_2, country.alpha_3):
            by_text[text.casefold()] = country.alpha_3
    return by_text
