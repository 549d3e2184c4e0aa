"""A postcode directory of one postcode, and the geography that comes of it."""

from collections.abc import Callable

import polars as pl

from schemas.code_lists import Code, CodeList
from transforms.derive.identity import Geography

SMALL_DIRECTORY = pl.DataFrame({"sector": ["NR14 7"], "unit": ["UJ"], "authority": ["E10000020"]})
SMALL_UTLA = CodeList("UTLA", "published", "made up", (Code("E10000020", "Norfolk", "E10000020"),))


def search(directory: pl.DataFrame) -> Callable[[pl.Series], pl.DataFrame]:
    """Returns a function that finds the postcodes of some sectors in a directory."""
    return lambda sectors: directory.filter(pl.col("sector").is_in(sectors.implode()))


SMALL_GEOGRAPHY = Geography(search(SMALL_DIRECTORY), {}, SMALL_UTLA)
