"""What identifies a client is reduced: names to initials, postcodes to sector and authority.

This is the last place that sees a forename, a surname or a full postcode.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from schemas.code_lists import CodeList
from schemas.dataset import MASK
from transforms.derive.postcode_lookup import authorities_of
from transforms.parse.names import initials
from transforms.parse.postcodes import NO_FIXED_ABODE_SECTOR, recognise

# Where an initial comes from: its own field where the source has it, else the name.
NAME_OF_INITIAL = {"FINITIAL": "FORENAME", "SINITIAL": "SURNAME"}


@dataclass(frozen=True)
class Geography:
    """What the look-up of authorities needs: the directory, the codes of the day, the list UTLA."""

    directory: pl.DataFrame
    recodings: Mapping[str, str]
    utla: CodeList


def reduce_names(clients: pl.DataFrame) -> pl.DataFrame:
    """Replaces names by initials.

    Args:
        clients: cleaned text; FINITIAL or FORENAME, SINITIAL or SURNAME, each perhaps absent.

    Returns:
        FINITIAL and SINITIAL (the letter; a mask where populated but no letter; null where blank),
        `FINITIAL.value` and `SINITIAL.value` (the letter or null), and no name.
    """
    for initial, name in NAME_OF_INITIAL.items():
        source = next((column for column in (initial, name) if column in clients.columns), None)
        names = clients[source] if source else pl.Series([None] * len(clients), dtype=pl.String)
        letters = initials(names)
        shown = pl.select(pl.coalesce(letters, pl.when(names.is_not_null()).then(pl.lit(MASK)))).to_series()
        clients = clients.with_columns(shown.alias(initial), letters.alias(f"{initial}.value"))
    return clients.drop(NAME_OF_INITIAL.values(), strict=False)


def reduce_postcodes(episodes: pl.DataFrame, geography: Geography) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Replaces full postcodes by sectors and looks up the upper-tier authority.

    Args:
        episodes: cleaned text with PC, UTLA and NFA_UTLA (all there, perhaps null throughout).
        geography: the postcode directory and what goes with it.

    Returns:
        The episodes with PC (the sector; a mask where populated but malformed; null where blank),
        `PC.value` (the sector or null), UTLA (what the source brought, else the code of the
        authority, else null) and without NFA_UTLA; and the sectors of postcodes that are in no
        directory, with their number: `value`, `records`.
    """
    places = recognise(episodes["PC"]).struct.unnest()
    found = authorities_of(places, geography.directory, geography.recodings, geography.utla)
    said_outside = places["outside_uk"].fill_null(value=False)
    benefits_office = pl.when((places["sector"] == NO_FIXED_ABODE_SECTOR) & ~said_outside).then("NFA_UTLA")
    reduced = episodes.with_columns(
        pl.coalesce("UTLA", benefits_office, found["authority"]).alias("UTLA"),
        pl.coalesce(places["sector"], pl.when(pl.col("PC").is_not_null()).then(pl.lit(MASK))).alias("PC"),
        places["sector"].alias("PC.value"),
    ).drop("NFA_UTLA")
    unknown = places.filter(found["is_unknown"].fill_null(value=False))
    counted = unknown.group_by(pl.col("sector").alias("value")).len("records").sort("value")
    return reduced, counted
