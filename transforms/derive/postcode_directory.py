"""The postcode directory: what a release of the Office for National Statistics says, as three columns.

A directory in this project is one row a postcode with the columns `sector` (String, `NR14 7`), `unit`
(String, its last two letters) and `authority` (String or null: the upper-tier authority as the release codes
it). The ONS Postcode Directory (ONSPD) and the National Statistics Postcode Lookup (NSPL) say the same under
column names that change from release to release. Which code an area bears in a period is not settled here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

COLUMNS = ("sector", "unit", "authority")
SCOTLAND, WALES, NORTHERN_IRELAND = "S92000003", "W92000004", "N92000002"

# In order of preference. A year in a name (cty25cd, lad26cd) is the year of the boundaries.
_POSTCODE_NAMES = (r"pcds",)
_COUNTY_NAMES = (r"oscty", r"cty", r"cty\d\dcd")
_DISTRICT_NAMES = (r"oslaua", r"laua", r"lad\d\dcd", r"ladcd")
# Code-Point Open says the same of live postcodes under names of its own.
_CODE_POINT_NAMES = (r"postcode", r"admin_county_code", r"admin_district_code")

# The directory still holds NPT (Newport before 1984) and GIR, which no rule of outward letters covers.
_POSTCODE_SHAPE = r"^[A-Z0-9]{2,4} [0-9][A-Z]{2}$"
_CODE_SHAPE = r"^[A-Z][0-9]{8}$"


class UnknownDirectoryLayout(ValueError):
    """The columns are not those of a postcode directory, or say one thing twice."""


@dataclass(frozen=True)
class DirectoryLayout:
    """The columns of a release that matter, named as the release names them.

    Attributes:
        postcode: the postcode.
        county: the county, or None where the release has no such column.
        district: the local authority district.
        termination: the month a postcode was terminated, or None where the release has no such column:
            Code-Point Open holds live postcodes only, so what was terminated is unknown to it.
    """

    postcode: str
    county: str | None
    district: str
    termination: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that `directory` reads."""
        return tuple(name for name in (self.postcode, self.county, self.district) if name is not None)


def recognise(columns: Sequence[str]) -> DirectoryLayout:
    """Find the postcode, county and district among the columns of a release (definitions: UTLA).

    Known are the ONSPD and NSPL of any release since 2018 (county `oscty`, `cty` or `ctyNNcd`, district
    `oslaua`, `laua` or `ladNNcd`, postcode `pcds`), the postcode to output area look-up (district `ladcd`, no
    county) and Code-Point Open with its column names. Case and outer white space do not count.

    Args:
        columns: the header of the table, in its order.

    Returns:
        The names as they stand in `columns`.

    Raises:
        UnknownDirectoryLayout: a postcode or a district column is missing, or a column needed is there twice.
    """
    termination = _column(columns, (r"doterm",))
    postcode, district = _column(columns, _POSTCODE_NAMES), _column(columns, _DISTRICT_NAMES)
    if postcode is not None and district is not None:
        return DirectoryLayout(postcode, _column(columns, _COUNTY_NAMES), district, termination)
    postcode, county, district = (_column(columns, (name,)) for name in _CODE_POINT_NAMES)
    if postcode is not None and district is not None:
        return DirectoryLayout(postcode, county, district, termination)
    # The columns are not repeated here: the first line of some other file may be somebody's record.
    raise UnknownDirectoryLayout(f"its columns hold no {_missing(columns)}, as those of every postcode directory do")


def _missing(columns: Sequence[str]) -> str:
    postcode = _column(columns, _POSTCODE_NAMES) is None
    district = _column(columns, _DISTRICT_NAMES) is None
    names = ["postcode (pcds)"] * postcode + ["district (oslaua, laua or ladNNcd)"] * district
    return " and no ".join(names)


def _column(columns: Sequence[str], patterns: Sequence[str]) -> str | None:
    """The column that the first pattern fits, that of the latest year where several do."""
    tidy = [name.strip().lower() for name in columns]
    for pattern in patterns:
        found = [index for index, name in enumerate(tidy) if re.fullmatch(pattern, name)]
        if found:
            latest = max(tidy[index] for index in found)
            if tidy.count(latest) > 1:
                raise UnknownDirectoryLayout(f"the column {latest} is there {tidy.count(latest)} times")
            return columns[tidy.index(latest)]
    return None


def postcode_shape(postcode: pl.Expr) -> pl.Expr:
    """A postcode as a directory writes it: upper case, one space before the last three characters."""
    letters = postcode.str.to_uppercase().str.replace_all(r"\s+", "")
    return letters.str.head(-3) + " " + letters.str.tail(3)


def unusable(table: pl.DataFrame, layout: DirectoryLayout) -> pl.DataFrame:
    """The rows that no directory would hold: a postcode without its shape, an area that is no ONS code.

    A release is made by machine, so such a row means a file that is damaged or something else.

    Args:
        table: the columns of `layout`, String.
        layout: what they are.

    Returns:
        `row` (UInt32, counted from 0) and `column` (String), in order of the rows.
    """
    # A line that says nothing at all, as spreadsheets leave at the end, is no row.
    numbered = table.with_row_index("row").filter(
        pl.any_horizontal(pl.col(name).str.strip_chars() != "" for name in layout.columns)
    )
    shaped = postcode_shape(pl.col(layout.postcode)).str.contains(_POSTCODE_SHAPE).fill_null(False)
    wrong = [_told(numbered.filter(~shaped), layout.postcode)]
    for name in layout.columns[1:]:
        # A blank area is known: the postcode has no grid reference, or the country no counties.
        code = pl.col(name).str.strip_chars().str.to_uppercase()
        wrong.append(_told(numbered.filter((code != "") & ~code.str.contains(_CODE_SHAPE)), name))
    return pl.concat(wrong).sort("row", maintain_order=True)


def _told(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    return rows.select("row", pl.lit(column).alias("column"))


def directory(table: pl.DataFrame, layout: DirectoryLayout, counties: pl.DataFrame) -> pl.DataFrame:
    """Each postcode of a release with its upper-tier authority (definitions: UTLA).

    The authority is the county where its code begins E10, else the district's own (E06, E08, E09); a district
    E07 without its county takes it from `counties`. E11 and E13 (metropolitan counties, Inner and Outer
    London) and the 99999999 pseudo codes, which stand for the Channel Islands and the Isle of Man too, are no
    authorities; neither is an E07 whose county is not known, which is kept as it is. A Scottish, Welsh or
    Northern Irish district stands for its country.

    Args:
        table: the columns of `layout`, String.
        layout: what they are.
        counties: LTLA21CD and UTLA21CD (String), the lower-tier to upper-tier look-up.

    Returns:
        `sector`, `unit`, `authority` (String, the last null where there is none), sorted by sector and unit,
        one row a postcode. A row whose postcode has no postcode's shape is left out; of a postcode that is
        there twice the row with the first authority in order of codes stays.
    """
    postcode = postcode_shape(pl.col(layout.postcode))
    rows = table.select(postcode.alias("postcode"), _authority(layout, counties).alias("authority"))
    return (
        rows.filter(pl.col("postcode").str.contains(_POSTCODE_SHAPE))
        .select(
            pl.col("postcode").str.head(-2).alias("sector"),
            pl.col("postcode").str.tail(2).alias("unit"),
            "authority",
        )
        .pipe(one_row_a_postcode)
    )


def one_row_a_postcode(rows: pl.DataFrame) -> pl.DataFrame:
    """Sort rows of a directory and keep one row a postcode, one with an authority where there is one.

    Args:
        rows: `sector`, `unit`, `authority` (String).

    Returns:
        The same columns, sorted by sector and unit.
    """
    ordered = rows.sort(COLUMNS, nulls_last=True)
    # Equal rows stand together now; `unique` would need twice the memory to find them.
    differs = [pl.col(name).ne_missing(pl.col(name).shift()) for name in ("sector", "unit")]
    return ordered.filter(pl.any_horizontal(differs))


def _authority(layout: DirectoryLayout, counties: pl.DataFrame) -> pl.Expr:
    """The upper-tier authority of a row of a release."""
    district = _code(layout.district)
    county = pl.lit(None, pl.String) if layout.county is None else _code(layout.county)
    county_of_district = dict(
        counties.filter(pl.col("LTLA21CD").str.starts_with("E07"), pl.col("UTLA21CD").str.starts_with("E10"))
        .select("LTLA21CD", "UTLA21CD")
        .iter_rows()
    )
    # Only what begins so is an authority, so the pseudo codes (E99999999, L99999999) fall through.
    return (
        pl.when(county.str.starts_with("E10"))
        .then(county)
        .when(district.str.contains("^E0[689]"))
        .then(district)
        .when(district.str.starts_with("E07"))
        # One whose county nobody knows stands for itself: it is in no list, and no other's neighbour.
        .then(district.replace(county_of_district))
        .when(district.str.starts_with("S12"))
        .then(pl.lit(SCOTLAND))
        .when(district.str.starts_with("W06"))
        .then(pl.lit(WALES))
        .when(district.str.starts_with("N09"))
        .then(pl.lit(NORTHERN_IRELAND))
    )


def _code(column: str) -> pl.Expr:
    """A code of an area; null where it is blank or has no code's shape."""
    code = pl.col(column).str.strip_chars().str.to_uppercase()
    return pl.when(code.str.contains(_CODE_SHAPE)).then(code)


def changes(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """What moved from one directory to the next: postcodes in both whose authority is another.

    Args:
        old: the directory before (`sector`, `unit`, `authority`).
        new: the directory after.

    Returns:
        `old_authority`, `new_authority` (String or null) and `postcodes` (UInt32), most postcodes first, then
        by code. Postcodes that are in one directory only are not counted.
    """
    both = old.join(new, on=["sector", "unit"], how="inner", suffix="_new")
    moved = both.filter(pl.col("authority").ne_missing(pl.col("authority_new")))
    counted = moved.group_by(
        pl.col("authority").alias("old_authority"), pl.col("authority_new").alias("new_authority")
    ).agg(pl.len().cast(pl.UInt32).alias("postcodes"))
    return counted.sort("postcodes", "old_authority", "new_authority", descending=[True, False, False])
