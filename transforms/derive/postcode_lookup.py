"""Looks up the upper-tier local authority of a postcode, as the code that is valid for the period."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from schemas.code_lists import CodeList
from transforms.parse.postcodes import NO_FIXED_ABODE_SECTOR

NORTHERN_IRELAND = "N92000002"
OUTSIDE_UK_CONCEPT = "outside_uk"
_NORTHERN_IRISH_AREA = "BT"
_ISLAND_AREAS = ("JE", "GY", "IM")


def find_recodings(day: date, recoded: pl.DataFrame) -> dict[str, str]:
    """Returns the authority codes that another code replaces on this day.

    Args:
        day: the last day of the period.
        recoded: `old`, `new` (String), `from` (Date) and `kind`. 'same_area' maps both ways; 'split' maps only
            back to the old code, because an old code has no single successor.
    """
    codes: dict[str, str] = {}
    for old, new, since, kind in recoded.select("old", "new", "from", "kind").iter_rows():
        if day < since:
            codes[new] = old
        elif kind == "same_area":
            codes[old] = new
    return codes


def look_up_authorities(
    postcodes: pl.DataFrame, directory: pl.DataFrame, recodings: Mapping[str, str], utla: CodeList
) -> pl.DataFrame:
    """Returns the upper-tier authority of each place as a code of the list UTLA, and marks unknown postcodes.

    Args:
        postcodes: `sector`, `unit` and `outside_uk`, from `transforms.parse.postcodes.parse_postcodes`.
        directory: `sector`, `unit`, `authority`, one row per postcode of these sectors (null: no authority).
        recodings: from `find_recodings`.
        utla: the code list UTLA as valid on the last day of the period.

    Returns:
        One row per place, in order: `authority` (a code of the list, or null), `directory_authority` (that of the
        directory for a full postcode) and `is_unknown` (a full postcode
        that is in no directory). See the definitions, section 3: UTLA.
    """
    near = directory.with_columns(pl.col("authority").replace(recodings), is_in_directory=True)
    shared = near.group_by("sector").agg(_keep_only_one(pl.col("authority")).alias("sector_authority"))
    has_unit, has_no_area = pl.col("unit").is_not_null(), pl.col("concept").is_null()
    not_abode = pl.col("sector") != NO_FIXED_ABODE_SECTOR
    return (
        postcodes.join(near, on=["sector", "unit"], how="left", maintain_order="left")
        .join(shared, on="sector", how="left", maintain_order="left")
        .with_columns(concept=_derive_concept())
        .select(
            authority=pl.col("concept").replace_strict(_map_concepts(utla), default=None, return_dtype=pl.String),
            directory_authority=pl.when(has_unit).then("authority"),
            is_unknown=has_unit & has_no_area & pl.col("is_in_directory").is_null() & not_abode,
        )
    )


def _derive_concept() -> pl.Expr:
    """Returns the area of a place, from its postcode area, its full postcode, or its whole sector."""
    area = pl.col("sector").str.extract(r"^([A-Z]+)")
    return (
        pl.when(pl.col("outside_uk") | area.is_in(_ISLAND_AREAS)).then(pl.lit(OUTSIDE_UK_CONCEPT))
        .when(area == _NORTHERN_IRISH_AREA).then(pl.lit(NORTHERN_IRELAND))
        .when(pl.col("country").is_not_null()).then(pl.col("country"))
        .when(pl.col("unit").is_not_null()).then(pl.col("authority"))
        .otherwise(pl.col("sector_authority"))
    )  # fmt: skip


def _keep_only_one(authority: pl.Expr) -> pl.Expr:
    # A sector alone gives an authority only if all of its postcodes agree on one.
    known = authority.drop_nulls()
    return pl.when(known.n_unique() == 1).then(known.first())


def _map_concepts(utla: CodeList) -> dict[str, str]:
    return {code.concept: code.code for code in reversed(utla.codes) if code.concept}
