"""The views of changes, over random histories of runs, compared with a plain statement of what they show."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.audit.database import audit_path
from flows.audit.upgrade import create_or_upgrade
from tests.property.conftest import EXAMPLES

_PERIODS = ("2023-04", "2023-05", "2023-06")
# The ids of a finding, and the hash of those that are masked; blank ids and equal hashes occur more than once.
Finding = tuple[str | None, str | None, str | None, str]


@dataclass(frozen=True)
class Run:
    """A run of one of two agencies: its month, whether it failed, and its findings."""

    agency: str
    period: str
    status: str
    findings: tuple[Finding, ...]


_FINDING: st.SearchStrategy[Finding] = st.tuples(
    st.sampled_from([None, "A", "B", "***"]),
    st.sampled_from([None, "E1"]),
    st.sampled_from([None, "1f", "2f"]),
    st.sampled_from(["X.code", "Y.range"]),
)
_RUN = st.builds(
    Run,
    st.sampled_from(["L0001", "L0002"]),
    st.sampled_from(_PERIODS),
    st.sampled_from(["landed", "landed", "blocked", "failed"]),
    st.lists(_FINDING, max_size=5).map(tuple),
)


def write_runs(connection: duckdb.DuckDBPyConnection, runs: Sequence[Run]) -> None:
    for number, run in enumerate(runs, start=1):
        connection.execute(
            "insert into runs by name select ? as run_number, ? as run_id, ? as agency, ? as period, 'R' as dataset,"
            " 's' as source, 'f' as input_folder, ? as status, now() as started_at, now() as finished_at,"
            " date '2023-07-01' as extracted_on, 0 as rows_sent, [] as provisional_lists, '1' as software_version",
            [number, f"R{number}", run.agency, run.period, run.status],
        )
        for rule in ("X.code", "Y.range"):
            connection.execute(
                "insert into internal.run_rules by name select ? as run_id, ? as rule, 'SEX' as field,"
                " 'error' as severity, 'entry' as owner, '' as requirement, '' as fault, '' as fix, '' as choice,"
                " '' as allowed, false as holds_back, false as against_last",
                [f"R{number}", rule],
            )
        for row, (client, episode, masked, rule) in enumerate(run.findings):
            connection.execute(
                "insert into internal.found by name select ? as run_id, 'episode' as entity, ? as row, ? as client_id,"
                " ? as episode_id, ? as masked_ids, ? as rule",
                [f"R{number}", row, client, episode, masked, rule],
            )


def find_earlier(runs: Sequence[Run], number: int, *, same_month: bool) -> Run | None:
    """The run that a run is compared with: the last one of the latest month, among those before it in time."""
    run = runs[number]
    others = [
        (other.period, place, other)
        for place, other in enumerate(runs[:number])
        if other.agency == run.agency
        and other.status != "failed"
        and (other.period <= run.period if same_month else other.period < run.period)
    ]
    return max(others, key=lambda other: other[:2])[2] if others else None


def count_changes(run: Run, earlier: Run | None) -> Counter[tuple[str, str]]:
    now, before = Counter(run.findings), Counter(earlier.findings if earlier else ())
    counted: Counter[tuple[str, str]] = Counter()
    for state, found in (("new", now - before), ("persisting", now & before), ("resolved", before - now)):
        for finding, number in found.items():
            counted[state, finding[3]] += number
    return counted


@settings(max_examples=max(5, EXAMPLES // 4))
@given(st.lists(_RUN, min_size=1, max_size=7))
def test_the_views_show_what_changed_since_the_run_and_since_the_month_before(runs: list[Run]) -> None:
    with TemporaryDirectory() as name:
        home = Path(name)
        create_or_upgrade(home)
        with duckdb.connect(str(audit_path(home))) as connection:
            write_runs(connection, runs)
            for view, same_month in (("changes_since_run", True), ("changes_since_month", False), ("changes", True)):
                query = f"select run_id, state, rule, count(*) from {view} group by all"
                shown = {
                    (run_id, state, rule): count for run_id, state, rule, count in connection.sql(query).fetchall()
                }
                expected = {
                    (f"R{number + 1}", state, rule): count
                    for number, run in enumerate(runs)
                    if run.status != "failed"
                    for (state, rule), count in count_changes(
                        run, find_earlier(runs, number, same_month=same_month)
                    ).items()
                }
                assert shown == expected, view
