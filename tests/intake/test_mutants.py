"""Some damaged files of every kind; `make test-faults` reads two thousand of each."""

import pytest

from tests.intake.mutants import KINDS, outcome


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_damaged_file_is_read_or_refused_by_name(kind: str) -> None:
    found = {outcome(kind, number) for number in range(12 if kind in ("parquet", "xlsx") else 300)}
    assert found in ({"read", "refused"}, {"refused"})
