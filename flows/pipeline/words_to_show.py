"""Decides which texts of records a summary may show: the words of a list, not what somebody typed."""

import polars as pl

# A question that people answer from a list has fewer answers than this.
_MOST_WORDS = 8


def select_words_to_show(words: pl.DataFrame) -> pl.DataFrame:
    """Returns the words that occur more than once, or none if a column has very many of them.

    A column of unique or of very many values may hold names, which no message may show.

    Args:
        words: value and records.
    """
    repeated = words.filter(pl.col("records") > 1)
    return repeated if len(repeated) <= _MOST_WORDS else repeated.clear()
