"""Initials: the first letter of a name, without accent or stroke (1 Client details)."""

import re
import unicodedata

import polars as pl

from transforms.parse.unique_values import map_distinct

# White space, and the apostrophes and hyphens that people type.
_SKIPPED = r"^[\s'’‘ʼʻ`´′\-‐‑‒–—−]+"
_LATIN_LETTER = re.compile(r"LATIN (?:CAPITAL|SMALL) LETTER (?:DOTLESS )?([A-Z])(?: WITH .+)?")


def initials(names: pl.Series) -> pl.Series:
    """The first letter A to Z of each name, upper case; null where it does not come down to one.

    Max is M, O'Brian is O, Édith is E, Łukasz is L; 12 is nothing.
    """
    first = names.str.replace(_SKIPPED, "").str.slice(0, 1)
    return map_distinct(first, _letters, pl.String)


def _letters(characters: pl.Series) -> pl.Series:
    return pl.Series([_letter(character) for character in characters], dtype=pl.String)


def _letter(character: str) -> str | None:
    """One letter A to Z from a character, by the name Unicode gives to its base."""
    base = unicodedata.normalize("NFKD", character)[:1]
    found = _LATIN_LETTER.fullmatch(unicodedata.name(base, "")) if base else None
    return found.group(1) if found else None
