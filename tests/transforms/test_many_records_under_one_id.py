"""Very many records under one id cost no more than sorting them does."""

from collections.abc import Iterator

import polars as pl
import pytest

from schemas.record_columns import ROW
from tests.rules.judging import context_of
from transforms.link import nearest
from transforms.link.other_records import EPISODE_QUESTIONS, answer_questions


@pytest.fixture
def largest() -> Iterator[list[int]]:
    """The number of rows of each frame that a search makes."""
    sizes: list[int] = []
    with pytest.MonkeyPatch.context() as patched:
        found = nearest._add_two_best

        def watched(candidates: pl.DataFrame) -> pl.DataFrame:
            result = found(candidates)
            sizes.extend((len(candidates), len(result)))
            return result

        patched.setattr(nearest, "_add_two_best", watched)
        yield sizes


def test_episodes_of_one_client_are_never_paired(largest: list[int]) -> None:
    """A hundred thousand episodes of one client would be ten thousand million pairs."""
    number = 100_000
    day = (pl.int_range(number, eager=True) % 20_000).cast(pl.Int32).cast(pl.Date)
    rows = pl.int_range(number, dtype=pl.UInt32, eager=True)
    keys = pl.repeat(0, number, dtype=pl.UInt32, eager=True)
    text = day.cast(pl.String)
    episodes = pl.DataFrame({ROW: rows, "client_key": keys, "episode_key": rows}).with_columns(
        EPISODID=pl.format("E{}", ROW), RECPDT=text, TRIAGED=text, EXITD=text, DISD=text, DISRSN=pl.lit("85"),
        EXITRSN=pl.lit("R"), CONSENT=pl.lit("Y"),
    )  # fmt: skip
    values = {f"{header}.value": day for header in ("RECPDT", "TRIAGED", "EXITD", "DISD")}
    episodes = episodes.with_columns(**values).with_columns(
        pl.col(header).alias(f"{header}.value") for header in ("DISRSN", "EXITRSN", "CONSENT")
    )
    everyone = pl.lit(value=True)
    answered = answer_questions(episodes, "episode", "client_key", EPISODE_QUESTIONS, context_of("published"), everyone)
    assert len(answered) == number
    assert answered["an_earlier_episode_goes_on"].sum() == 0
    assert max(largest) <= number
