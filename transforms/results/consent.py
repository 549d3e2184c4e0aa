"""Counts the words for consent that match no code, which withhold records by a mistake of the mapping."""

import polars as pl

from schemas.record_columns import IS_REPEAT
from transforms.link.linkage import Records


def count_unrecognised_consent(records: Records) -> pl.DataFrame:
    """Returns the texts of CONSENT, of all episodes in scope, that match no code.

    Withheld episodes are not in play, so `count_unmapped` does not count them.

    Returns:
        value and records; the most frequent first.
    """
    unrecognised = pl.col("CONSENT").is_not_null() & pl.col("CONSENT.value").is_null()
    return (
        records.episode.lazy()
        .filter(unrecognised & ~pl.col("is_out_of_scope") & ~pl.col(IS_REPEAT))
        .group_by(value="CONSENT")
        .agg(records=pl.len())
        .sort("records", "value", descending=[True, False])
        .collect()
    )
