"""Full postcodes in fields that are not for them (interface, clarifications of section 4)."""

import polars as pl

# What every value, message and file shows in the place of a text that contains a full postcode.
STRAY_POSTCODE = "(postcode)"
_LETTER = "[A-Za-z]"
_FULL = rf"[Gg][Ii][Rr]\s*0[Aa][Aa]|{_LETTER}{{1,2}}[0-9][A-Za-z0-9]?\s*[0-9]{_LETTER}{{2}}"
_ALONE = rf"(?:^|[^\p{{L}}\p{{N}}])(?:{_FULL})(?:$|[^\p{{L}}\p{{N}}])"


def contains_postcode(texts: pl.Expr) -> pl.Expr:
    """Whether each text contains a full postcode, in any case, not next to another letter or digit; null where null."""
    return texts.str.contains(_ALONE)


def hide_postcodes(texts: pl.Series) -> pl.Series:
    """The texts, with `(postcode)` in the place of each that contains a full postcode.

    Args:
        texts: text as the source has it; null is blank.
    """
    name = pl.col(texts.name)
    found = texts.to_frame().select(contains_postcode(name)).to_series()
    if not found.any():
        return texts
    return (
        texts.to_frame()
        .select(pl.when(found).then(pl.lit(STRAY_POSTCODE)).otherwise(name).alias(texts.name))
        .to_series()
    )
