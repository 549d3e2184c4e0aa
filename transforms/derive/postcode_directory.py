"""Reduces a postcode directory of the Office for National Statistics to three columns.

A directory in this project has one row per postcode with the columns `sector` (String, `NR14 7`), `unit`
(String, its last two letters) and `authority` (String or null: the upper-tier authority as the release codes
it). The ONS Postcode Directory (ONSPD) and the National Statistics Postcode Lookup (NSPL) have the same content
under column names that change from release to release. `postcode_lookup` maps the authority to the code that is
valid in a period.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

COLUMNS = ("sector", "unit", "authority")
SCOTLAND, WALES, NORTHERN_IRELAND = "S92000003", "W92000004", "N92000002"

# Listed in order of preference. A year in a name (cty25cd, lad26cd) is the year of the boundaries.
_POSTCODE_NAMES = (r"pcds",)
_COUNTY_NAMES = (r"oscty", r"cty", r"cty\d\dcd")
_DISTRICT_NAMES = (r"oslaua", r"laua", r"lad\d\dcd", r"ladcd")
# Code-Point Open has the same columns for live postcodes, under different names.
_CODE_POINT_NAMES = (r"postcode", r"admin_county_code", r"admin_district_code")

# The directory still contains NPT (Newport before 1984) and GIR, which do not follow the usual outward pattern.
_POSTCODE_SHAPE = r"^[A-Z0-9]{2,4} [0-9][A-Z]{2}$"
_CODE_SHAPE = r"^[A-Z][0-9]{8}$"


class UnknownDirectoryLayout(ValueError):
    """The columns are not those of a postcode directory, or a required column is duplicated."""


@dataclass(frozen=True)
class DirectoryLayout:
    """The columns to read from a release, under the names the release uses.

    Attributes:
        postcode: the postcode.
        county: the county, or None where the release has no such column.
        district: the local authority district.
        termination: the month a postcode was terminated, or None where the release has no such column.
            Code-Point Open has none, because it lists live postcodes only.
    """

    postcode: str
    county: str | None
    district: str
    termination: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that `directory` reads."""
        return tuple(name for name in (self.postcode, self.county, self.district) if name is not None)


def detect_layout(columns: Sequence[str]) -> DirectoryLayout:
    """Finds the postcode, county and district among the columns of a release (definitions: UTLA).

    Supports the ONSPD and NSPL of any release since 2018 (county `oscty`, `cty` or `ctyNNcd`, district `oslaua`,
    `laua` or `ladNNcd`, postcode `pcds`), the postcode to output area lookup (district `ladcd`, no county), and
    Code-Point Open with its own column names. Ignores case and surrounding white space.

    Args:
        columns: the header of the table, in order.

    Returns:
        The names as `columns` spells them.

    Raises:
        UnknownDirectoryLayout: the postcode or district column is missing, or a required column is duplicated.
    """
    termination = _find_column(columns, (r"doterm",))
    postcode, district = _find_column(columns, _POSTCODE_NAMES), _find_column(columns, _DISTRICT_NAMES)
    if postcode is not None and district is not None:
        return DirectoryLayout(postcode, _find_column(columns, _COUNTY_NAMES), district, termination)
    postcode, county, district = (_find_column(columns, (name,)) for name in _CODE_POINT_NAMES)
    if postcode is not None and district is not None:
        return DirectoryLayout(postcode, county, district, termination)
    # The message omits the columns: the first line of an unrelated file may be a client's record.
    raise UnknownDirectoryLayout(f"it has no column for the {_describe_missing(columns)}")


def _describe_missing(columns: Sequence[str]) -> str:
    postcode = _find_column(columns, _POSTCODE_NAMES) is None
    district = _find_column(columns, _DISTRICT_NAMES) is None
    names = ["postcode (pcds)"] * postcode + ["district (oslaua, laua or ladNNcd)"] * district
    return " or the ".join(names)


def _find_column(columns: Sequence[str], patterns: Sequence[str]) -> str | None:
    """Returns the column that matches the first pattern with a match, and the latest year if several match."""
    tidy = [name.strip().lower() for name in columns]
    for pattern in patterns:
        positions = [index for index, name in enumerate(tidy) if re.fullmatch(pattern, name)]
        if positions:
            latest = max(tidy[index] for index in positions)
            if tidy.count(latest) > 1:
                raise UnknownDirectoryLayout(f"the column {latest} occurs {tidy.count(latest)} times")
            return columns[tidy.index(latest)]
    return None


def format_postcode(postcode: pl.Expr) -> pl.Expr:
    """Formats a postcode as directories do: upper case, with one space before the last three characters."""
    letters = postcode.str.to_uppercase().str.replace_all(r"\s+", "")
    return letters.str.head(-3) + " " + letters.str.tail(3)


def find_unusable(table: pl.DataFrame, layout: DirectoryLayout) -> pl.DataFrame:
    """Returns the rows that are not valid in a directory: a malformed postcode, or an area that is not an ONS code.

    A program writes each release, so such a row means that the file is damaged or is not a directory.

    Args:
        table: the columns of `layout`, String.
        layout: the column names.

    Returns:
        `row` (UInt32, counted from 0) and `column` (String), sorted by row.
    """
    # Spreadsheets leave blank lines at the end; they are not rows.
    numbered = table.with_row_index("row").filter(
        pl.any_horizontal(pl.col(name).str.strip_chars() != "" for name in layout.columns)
    )
    shaped = format_postcode(pl.col(layout.postcode)).str.contains(_POSTCODE_SHAPE).fill_null(False)
    wrong = [_mark_rows(numbered.filter(~shaped), layout.postcode)]
    for name in layout.columns[1:]:
        # A blank area is valid: the postcode has no grid reference, or the country has no counties.
        code = pl.col(name).str.strip_chars().str.to_uppercase()
        wrong.append(_mark_rows(numbered.filter((code != "") & ~code.str.contains(_CODE_SHAPE)), name))
    return pl.concat(wrong).sort("row", maintain_order=True)


def _mark_rows(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    return rows.select("row", pl.lit(column).alias("column"))


def directory(table: pl.DataFrame, layout: DirectoryLayout, counties: pl.DataFrame) -> pl.DataFrame:
    """Returns each postcode of a release with its upper-tier authority (definitions: UTLA).

    The authority is the county if its code begins with E10, else the district if its code begins with E06, E08 or
    E09. A district E07 without a county takes the county from `counties`; an E07 whose county is unknown keeps its
    own code, which is not an authority. E11 and E13 (metropolitan counties, Inner and Outer London) and the 99999999
    pseudo codes, which include the Channel Islands and the Isle of Man, are not authorities. A Scottish, Welsh or
    Northern Irish district becomes its country.

    Args:
        table: the columns of `layout`, String.
        layout: the column names.
        counties: LTLA21CD and UTLA21CD (String), the lookup from lower-tier to upper-tier authorities.

    Returns:
        `sector`, `unit`, `authority` (String; authority is null where there is none), sorted by sector and unit,
        one row per postcode. Drops rows with a malformed postcode. Where a postcode is duplicated, keeps the row
        with the first authority in code order.
    """
    postcode = format_postcode(pl.col(layout.postcode))
    rows = table.select(postcode.alias("postcode"), _derive_authority(layout, counties).alias("authority"))
    return (
        rows.filter(pl.col("postcode").str.contains(_POSTCODE_SHAPE))
        .select(
            pl.col("postcode").str.head(-2).alias("sector"),
            pl.col("postcode").str.tail(2).alias("unit"),
            "authority",
        )
        .pipe(unique_postcodes)
    )


def unique_postcodes(rows: pl.DataFrame) -> pl.DataFrame:
    """Sorts directory rows and keeps one row per postcode, preferring one with an authority.

    Args:
        rows: `sector`, `unit`, `authority` (String).

    Returns:
        The same columns, sorted by sector and unit.
    """
    ordered = rows.sort(COLUMNS, nulls_last=True)
    # After the sort, equal rows are adjacent. `unique` would need twice the memory.
    differs = [pl.col(name).ne_missing(pl.col(name).shift()) for name in ("sector", "unit")]
    return ordered.filter(pl.any_horizontal(differs))


def _derive_authority(layout: DirectoryLayout, counties: pl.DataFrame) -> pl.Expr:
    """Returns the upper-tier authority of each row of a release."""
    district = _parse_code(layout.district)
    county = pl.lit(None, pl.String) if layout.county is None else _parse_code(layout.county)
    county_of_district = dict(
        counties.filter(pl.col("LTLA21CD").str.starts_with("E07"), pl.col("UTLA21CD").str.starts_with("E10"))
        .select("LTLA21CD", "UTLA21CD")
        .iter_rows()
    )
    # Match prefixes, so that the pseudo codes (E99999999, L99999999) fall through to null.
    return (
        pl.when(county.str.starts_with("E10"))
        .then(county)
        .when(district.str.contains("^E0[689]"))
        .then(district)
        .when(district.str.starts_with("E07"))
        # A district whose county is unknown keeps its own code. No code list has it, so it matches no authority.
        .then(district.replace(county_of_district))
        .when(district.str.starts_with("S12"))
        .then(pl.lit(SCOTLAND))
        .when(district.str.starts_with("W06"))
        .then(pl.lit(WALES))
        .when(district.str.starts_with("N09"))
        .then(pl.lit(NORTHERN_IRELAND))
    )


def _parse_code(column: str) -> pl.Expr:
    """Returns the code of an area; null where it is blank or malformed."""
    code = pl.col(column).str.strip_chars().str.to_uppercase()
    return pl.when(code.str.contains(_CODE_SHAPE)).then(code)


def count_moved_postcodes(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Counts the postcodes whose authority differs between two directories.

    Args:
        old: the previous directory (`sector`, `unit`, `authority`).
        new: the new directory.

    Returns:
        `old_authority`, `new_authority` (String or null) and `postcodes` (UInt32), sorted by most postcodes first,
        then by code. Postcodes that are in only one directory are not counted.
    """
    both = old.join(new, on=["sector", "unit"], how="inner", suffix="_new")
    moved = both.filter(pl.col("authority").ne_missing(pl.col("authority_new")))
    counted = moved.group_by(
        pl.col("authority").alias("old_authority"), pl.col("authority_new").alias("new_authority")
    ).agg(pl.len().cast(pl.UInt32).alias("postcodes"))
    return counted.sort("postcodes", "old_authority", "new_authority", descending=[True, False, False])
