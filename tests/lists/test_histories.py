"""Over random small histories, each list is what the plain reference lists."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from flows.audit.lists import ListOptions
from flows.audit.queries import Filters
from schemas.period import Period
from tests.lists import plain_lists
from tests.lists.histories import histories
from tests.lists.plain_lists import Listed
from tests.lists.worlds import Run, list_rows, open_audit

pytestmark = pytest.mark.slow

Rows = list[tuple[object, ...]]
few = settings(
    max_examples=20,
    derandomize=True,
    deadline=None,
    database=None,
    # To make a failing history smaller takes minutes.
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
as_of_days = st.sampled_from((None, date(2023, 4, 11), date(2023, 5, 31)))
COLUMNS: dict[str, tuple[tuple[str, ...], Callable[[Listed], Rows]]] = {
    "due": (("item", "state", "due", "episode_id", "intervention_id", "fields"), plain_lists.list_due),
    "releases": (
        ("receiving_authority", "need", "state", "episode_id", "missing", "to_check"),
        plain_lists.list_releases,
    ),
    "transfers": (("followed", "started", "discharge", "episode_id"), plain_lists.list_transfers),
}


def list_agency(
    name: str, home: Path, runs: tuple[Run, Run], as_of: date | None
) -> tuple[list[dict[str, Any]], Listed]:
    """Returns the rows of L0001, and what the reference needs."""
    with open_audit(*runs) as audit:
        rows: list[dict[str, Any]] = list_rows(audit, name, home, ListOptions(Filters("L0001"), as_of))
    own, other = runs
    day = as_of or Period.parse(own.period).last_day
    return rows, Listed(own, day, (other,) if Period.parse(other.period).first_day <= day else ())


@pytest.mark.parametrize("name", COLUMNS)
@few
@given(runs=histories(), as_of=as_of_days)
def test_records(tmp_path: Path, name: str, runs: tuple[Run, Run], as_of: date | None) -> None:
    columns, list_plainly = COLUMNS[name]
    rows, listed = list_agency(name, tmp_path, runs, as_of)
    found = Counter(
        tuple(tuple(row[column]) if isinstance(row[column], list) else row[column] for column in columns)
        for row in rows
    )
    assert found == Counter(list_plainly(listed))


@few
@given(runs=histories(), as_of=as_of_days)
def test_figures(tmp_path: Path, runs: tuple[Run, Run], as_of: date | None) -> None:
    rows, listed = list_agency("figures", tmp_path, runs, as_of)
    counts = [row for row in rows if row["unit"] != "days"]
    found = {(row["figure"], row["part"]): row["value"] for row in counts if row["value"]}
    assert found == plain_lists.count_figures(listed)
    totals = Counter[str]()
    for row in counts:
        totals[row["figure"]] += row["value"]
    assert {row["figure"]: row["total"] for row in counts} == dict(totals)
