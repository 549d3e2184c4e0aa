"""Finds full postcodes in fields that must not contain them (interface, clarifications of section 4)."""

import polars as pl

# Values, messages and files show this instead of a text that contains a full postcode.
STRAY_POSTCODE = "(postcode)"
_LETTER = "[A-Za-z]"
_FULL = rf"[Gg][Ii][Rr]\s*0[Aa][Aa]|{_LETTER}{{1,2}}[0-9][A-Za-z0-9]?\s*[0-9]{_LETTER}{{2}}"
_ALONE = rf"(?:^|[^\p{{L}}\p{{N}}])(?:{_FULL})(?:$|[^\p{{L}}\p{{N}}])"


def contains_postcode(texts: pl.Expr) -> pl.Expr:
    """Returns whether a text contains a full postcode, in any case, not next to a letter or digit; null for null."""
    return texts.str.contains(_ALONE)


def hide_postcodes(texts: pl.Series) -> pl.Series:
    """Replaces each text that contains a full postcode by `(postcode)`.

    Args:
        texts: text as in the source; null is blank.
    """
    name = pl.col(texts.name)
    has_postcode = texts.to_frame().select(contains_postcode(name)).to_series()
    if not has_postcode.any():
        return texts
    return (
        texts.to_frame()
        .select(pl.when(has_postcode).then(pl.lit(STRAY_POSTCODE)).otherwise(name).alias(texts.name))
        .to_series()
    )
