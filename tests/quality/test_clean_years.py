"""Clean years of prisons of three sizes: hardly anything is worth a look."""

import polars as pl
import pytest

from tests.quality.generated import generate_prison, judge_months

# The triages a month, and the seeds of the years.  A large year takes as long as five small ones.
YEARS = [(5, seed) for seed in range(5)] + [(40, seed) for seed in range(5)] + [(300, seed) for seed in range(2)]


@pytest.mark.slow
@pytest.mark.parametrize("a_month", [5, 40, 300])
def test_a_clean_year_has_at_most_one_warning_in_four_months(a_month: int) -> None:
    seeds = [seed for size, seed in YEARS if size == a_month]
    found = [judge_months(generate_prison(seed, a_month, 12, is_cumulative=seed % 2 == 0), 12) for seed in seeds]
    warnings = pl.concat(unusual for year in found for unusual in year)
    assert len(warnings) <= 3 * len(seeds), warnings["text"].to_list()
