"""Parses postcodes: normalises them and reduces them to their sector (2 Episode details, PC)."""

import polars as pl

from transforms.parse.unique_values import map_unique

NO_FIXED_ABODE_SECTOR = "ZZ99 3"
OUTSIDE_UK = "OUTSIDE UK"
_PHRASES = ("NFA", "NO FIXED ABODE", OUTSIDE_UK)

_OUTWARD = r"GIR|[A-Z]{1,2}[0-9][0-9A-Z]?"
_POSTCODE = rf"^({_OUTWARD})([0-9])([A-Z]{{2}})$"
_SECTOR = rf"^({_OUTWARD}) ([0-9])$"

# ONS pseudo postcodes: those of countries, and one for no fixed abode.
_PSEUDO_AREA = "ZZ99"
_PSEUDO_COUNTRIES = {"1WZ": "S92000003", "2WZ": "N92000002", "3GZ": "W92000004"}
_NO_FIXED_ABODE = "3VZ"

_PARTS = pl.Struct(
    {"sector": pl.String, "unit": pl.String, "outside_uk": pl.Boolean, "is_pseudo": pl.Boolean, "country": pl.String}
)


def parse_postcodes(texts: pl.Series) -> pl.Series:
    """Parses each postcode text.

    Args:
        texts: postcodes as in the source; null is blank.

    Returns:
        A struct series: `sector` ('NR14 7'; 'ZZ99 3' for a phrase that means no fixed abode or outside the UK; null
        where the text is not a postcode, a sector or such a phrase), `unit` (the last two letters of a full postcode,
        else null), `outside_uk` (whether the text is the phrase for outside the UK), `is_pseudo` (a full ZZ99 postcode
        other than ZZ99 3VZ, which has no sector) and `country` (the concept of the country of a pseudo postcode).
    """
    return map_unique(texts, _parse_postcodes, _PARTS)


def _parse_postcodes(texts: pl.Series) -> pl.Series:
    upper = pl.col("text").str.to_uppercase()
    bare, spaced = upper.str.replace_all(r"\s", ""), upper.str.replace_all(r"\s+", " ")
    sector = pl.coalesce(
        pl.when(spaced.is_in(_PHRASES)).then(pl.lit(NO_FIXED_ABODE_SECTOR)),
        bare.str.extract(_POSTCODE, 1) + " " + bare.str.extract(_POSTCODE, 2),
        spaced.str.extract(_SECTOR, 1) + " " + spaced.str.extract(_SECTOR, 2),
    )
    inward = bare.str.extract(rf"^{_PSEUDO_AREA}([0-9][A-Z]{{2}})$", 1)
    is_pseudo = (inward != _NO_FIXED_ABODE).fill_null(value=False)
    return texts.alias("text").to_frame().select(
        pl.struct(
            sector=pl.when(~is_pseudo).then(sector),
            unit=pl.when(~is_pseudo).then(bare.str.extract(_POSTCODE, 3)),
            outside_uk=spaced == OUTSIDE_UK,
            is_pseudo=is_pseudo,
            country=inward.replace_strict(_PSEUDO_COUNTRIES, default=None, return_dtype=pl.String),
        ).alias("recognised")
    )["recognised"]  # fmt: skip
