"""Derives initials: the first letter of a name, without accent or stroke (1 Client details)."""

import re
import unicodedata

import polars as pl

from transforms.parse.unique_values import map_unique

# Everything before the first letter or digit; modifier letters are the apostrophes of some alphabets.
_SKIPPED = r"^[^\p{Lu}\p{Ll}\p{Lt}\p{Lo}\p{N}]+"
# Letters that are not an accented form of their first letter.
_SPELT_OUT = dict(zip("ÆæŒœẞßÞþÐð", "AAOOSSTTDD", strict=True))
_LATIN_LETTER = re.compile(r"LATIN (?:CAPITAL|SMALL) LETTER (?:DOTLESS )?([A-Z])(?: WITH .+)?")


def parse_initials(names: pl.Series) -> pl.Series:
    """Returns the first letter A to Z of each name in upper case; null where the name does not start with one.

    Skips what is neither a letter nor a digit. Max gives M, (Max) gives M, Édith gives E, Łukasz gives L, Æthel gives
    A; 12 gives null.
    """
    first = names.str.replace(_SKIPPED, "").str.slice(0, 1)
    return map_unique(first, _find_letters, pl.String)


def _find_letters(characters: pl.Series) -> pl.Series:
    return pl.Series([_find_letter(character) for character in characters], dtype=pl.String)


def _find_letter(character: str) -> str | None:
    """Returns one letter A to Z for a character, based on the Unicode name of its base character."""
    # NFKD splits é into e and an accent; ł has no such form, so its Unicode name gives the letter.
    base = unicodedata.normalize("NFKD", character)[:1]
    if base in _SPELT_OUT:
        return _SPELT_OUT[base]
    match = _LATIN_LETTER.fullmatch(unicodedata.name(base, "")) if base else None
    return match.group(1) if match else None
