"""A postcode directory of one postcode, and the geography that comes of it."""

import polars as pl

from schemas.code_lists import Code, CodeList
from transforms.derive.identity import Geography

SMALL_DIRECTORY = pl.DataFrame({"sector": ["NR14 7"], "unit": ["UJ"], "authority": ["E10000020"]})
SMALL_UTLA = CodeList("UTLA", "published", "made up", (Code("E10000020", "Norfolk", "E10000020"),))
SMALL_GEOGRAPHY = Geography(SMALL_DIRECTORY, {}, SMALL_UTLA)
