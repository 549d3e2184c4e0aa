"""Reduces what identifies a client: names to initials, postcodes to sector and authority.

No later step reads a forename, a surname or a full postcode.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from schemas.code_lists import CodeList
from schemas.dataset import MASK
from transforms.derive.postcode_lookup import look_up_authorities
from transforms.parse.names import parse_initials
from transforms.parse.postcodes import NO_FIXED_ABODE_SECTOR, parse_postcodes

# An initial comes from its own field where the source has one, else from the name.
NAME_OF_INITIAL = {"FINITIAL": "FORENAME", "SINITIAL": "SURNAME"}


@dataclass(frozen=True)
class Geography:
    """The inputs of the authority lookup: the directory, the recodings for the day, and the code list UTLA.

    `find_postcodes` returns the postcodes of some sectors in the directory, in the columns that `look_up_authorities`
    describes.
    """

    find_postcodes: Callable[[pl.Series], pl.DataFrame]
    recodings: Mapping[str, str]
    utla: CodeList


def reduce_names(clients: pl.DataFrame) -> pl.DataFrame:
    """Replaces names with initials.

    Args:
        clients: cleaned text; FINITIAL or FORENAME, SINITIAL or SURNAME. Any of them may be absent.

    Returns:
        The clients without names, with FINITIAL and SINITIAL (the letter; a mask where the name has no letter;
        null where it is blank), and `FINITIAL.value` and `SINITIAL.value` (the letter or null).
    """
    for initial, name in NAME_OF_INITIAL.items():
        source = next((column for column in (initial, name) if column in clients.columns), None)
        names = clients[source] if source else pl.Series([None] * len(clients), dtype=pl.String)
        letters = parse_initials(names)
        shown = pl.select(pl.coalesce(letters, pl.when(names.is_not_null()).then(pl.lit(MASK)))).to_series()
        clients = clients.with_columns(shown.alias(initial), letters.alias(f"{initial}.value"))
    return clients.drop(NAME_OF_INITIAL.values(), strict=False)


def reduce_postcodes(episodes: pl.DataFrame, geography: Geography) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Replaces full postcodes with sectors and looks up the upper-tier authority.

    Args:
        episodes: cleaned text with PC, UTLA and NFA_UTLA. All three must be present; any may be null throughout.
        geography: the postcode directory and the other inputs of the lookup.

    Returns:
        Two frames. The episodes have PC (the sector; a mask where populated but malformed; null where blank),
        `PC.value` (the sector or null) and UTLA (the value of the source, else the code of the authority, else
        null), and no NFA_UTLA. `is_pseudo_postcode` marks ZZ99 postcodes other than ZZ99 3VZ, `UTLA.of_postcode` is the
        directory's authority of a full postcode, `UTLA.is_from_source` whether the source has an authority. The second
        frame counts the postcodes that are in no directory, per sector: `value`, `records`.
    """
    postcodes = parse_postcodes(episodes["PC"]).struct.unnest()
    directory = geography.find_postcodes(postcodes["sector"].unique())
    authorities = look_up_authorities(postcodes, directory, geography.recodings, geography.utla)
    is_outside_uk = postcodes["outside_uk"].fill_null(value=False)
    benefits_office = pl.when((postcodes["sector"] == NO_FIXED_ABODE_SECTOR) & ~is_outside_uk).then("NFA_UTLA")
    reduced = episodes.with_columns(
        pl.coalesce("UTLA", benefits_office, authorities["authority"]).alias("UTLA"),
        pl.coalesce(postcodes["sector"], pl.when(pl.col("PC").is_not_null()).then(pl.lit(MASK))).alias("PC"),
        postcodes["sector"].alias("PC.value"),
        postcodes["is_pseudo"].fill_null(value=False).alias("is_pseudo_postcode"),
        authorities["directory_authority"].alias("UTLA.of_postcode"),
        pl.col("UTLA").is_not_null().alias("UTLA.is_from_source"),
    ).drop("NFA_UTLA")
    unknown = postcodes.filter(authorities["is_unknown"].fill_null(value=False))
    counted = unknown.group_by(pl.col("sector").alias("value")).len("records").sort("value")
    return reduced, counted
