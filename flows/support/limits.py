"""Limits the memory and time of reading files and of queries, so that one of them cannot stop a site.

Limits change no result, so a run does not record them.
"""

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?(KB|MB|GB|TB)")


def _check_size(text: str) -> str:
    if not _SIZE.fullmatch(text):
        raise ValueError(f"{text!r} is not a size; write a number and KB, MB, GB or TB, such as '2GB'")
    return text


Size = Annotated[str, AfterValidator(_check_size)]
Positive = Annotated[float, Field(gt=0)]


class Limits(BaseModel):
    """Holds the limits of a site. Sizes are texts such as '2GB', times are in seconds.

    `query_memory`, `query_seconds` and `query_rows` apply to a query of `ndtms sql`.
    `unpacked_size` and `unpacked_ratio` apply to a table in a gzip file or ZIP archive: its size, and how many
    times larger than the archive it may be.
    `mapping_memory` and `mapping_seconds` apply to each query of a mapping's SQL.
    `reading_memory` and `reading_seconds` apply to the process that reads an Excel workbook, a Parquet file or a PDF
    document.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    query_memory: Size = "2GB"
    query_seconds: Positive = 300
    query_rows: int = Field(default=1_000_000, gt=0)
    unpacked_size: Size = "4GB"
    unpacked_ratio: Positive = 200
    mapping_memory: Size = "8GB"
    mapping_seconds: Positive = 600
    reading_memory: Size = "8GB"
    reading_seconds: Positive = 600


def choose_lowest(limits: Sequence[Limits]) -> Limits:
    """Returns the limits of a query on several homes: for memory, time and rows, the lowest."""
    first, *_ = limits
    lowest = {
        "query_memory": min((limit.query_memory for limit in limits), key=size_in_bytes),
        "query_seconds": min(limit.query_seconds for limit in limits),
        "query_rows": min(limit.query_rows for limit in limits),
    }
    return first.model_copy(update=lowest)


def size_in_bytes(size: str) -> int:
    """Returns the number of bytes of a size such as '2GB'."""
    number, unit = _SIZE.fullmatch(size).groups()  # type: ignore[union-attr]
    return int(float(number) * _UNITS[unit])
