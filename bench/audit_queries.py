"""Measures the views that people wait for, on a large audit, relative to a bare count: python -m bench.audit_queries.

`status` of 120 agencies and 60 months takes less than 2 seconds, `worklist` of a run with 500,000 findings under 10.
"""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

from bench.figures import Figure, print_figures
from bench.medians import measure_median
from flows.audit.database import open_for_writing, open_read_only
from flows.audit.queries import Filters, query_status, query_view
from flows.audit.upgrade import create_or_upgrade

AGENCIES, MONTHS, FINDINGS = 120, 60, 500_000
ROUNDS = 3
LARGEST = f"L0001-{2018 + MONTHS // 12 - 1}-12-1"
# Every month has this many interventions, a tenth of which are rejected, each with two findings.
_INTERVENTIONS = 400
_RUNS = """
    insert into runs by name
    select
        row_number() over (order by month, agency) as run_number,
        agency || '-' || period || '-1' as run_id,
        agency, period, 'R' as dataset, 'made-up' as source, '' as input_folder, 'landed' as status,
        now() as started_at, now() as finished_at, current_date as extracted_on,
        100 as clients_in, 200 as episodes_in, $interventions as interventions_in,
        $interventions * 9 // 10 as rows_sent, []::varchar[] as provisional_lists, 'bench' as software_version
    from (select 'L' || lpad((range + 1)::varchar, 4, '0') as agency from range($agencies))
    cross join (
        select range as month, strftime(date '2018-01-01' + to_months(range::integer), '%Y-%m') as period
        from range($months)
    )
"""
_RULES = """
    insert into internal.run_rules by name
    select
        run_id, 'RULE.' || range as rule, 'SEX' as field, 'reject' as severity, 'entry' as owner,
        'It must.' as requirement, 'It does not.' as fault, 'Correct it.' as fix, '' as choice, 'A, B or C' as allowed,
        true as holds_back, false as against_last, 0 as passed, 0 as failed, 0 as not_applicable, 0 as errored
    from runs cross join range(50)
"""
_OUTCOMES = """
    insert into internal.recorded_outcomes by name
    select
        run_id, 'intervention' as entity, range * 10 as row, 'C' || range as client_id, 'E' || range as episode_id,
        'M' || range as intervention_id, 'rejected' as outcome, 'intervention' as cause_entity, range * 10 as cause_row,
        'x.csv' as source_file, range as source_line
    from runs cross join range($interventions // 10)
"""
_FINDINGS = """
    insert into internal.found by name
    select
        run_id, 'intervention' as entity, range // 2 * 10 as row, 'C' || range // 2 as client_id,
        'E' || range // 2 as episode_id, 'M' || range // 2 as intervention_id, 'RULE.' || range % 50 as rule,
        'value' as value, 'x.csv' as source_file, range // 2 as source_line
    from runs cross join range($findings)
    where (run_id = $run) = $is_largest
"""
_LOST = """
    insert into internal.lost_rows by name
    select run_id, row, rule, entity as cause_entity, row as cause_row from internal.found
"""
_CLIENTS = """
    insert into internal.sent_clients by name
    select run_id, range as row, 'C' || range as CLIENTID, 'local ' || range as CLIENT from runs cross join range(100)
"""


def measure() -> Iterator[Figure]:
    """Yields a figure for each view."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        _build_audit(home)
        worklist = Filters(run_id=LARGEST)
        yield _compare_with_count(
            f"status of {AGENCIES} agencies and {MONTHS} months", 2.0, lambda: query_status(home),
            lambda: _count(home, ("runs", "internal.recorded_outcomes")),
        )  # fmt: skip
        yield _compare_with_count(
            f"worklist of a run with {FINDINGS:,} findings", 10.0, lambda: query_view(home, "worklist", worklist),
            lambda: _count(home, ("internal.found", "internal.lost_rows", "internal.sent_clients")),
        )  # fmt: skip


def _build_audit(home: Path) -> None:
    create_or_upgrade(home)
    with open_for_writing(home) as audit:
        audit.execute(_RUNS, {"agencies": AGENCIES, "months": MONTHS, "interventions": _INTERVENTIONS})
        audit.execute(_RULES)
        audit.execute(_OUTCOMES, {"interventions": _INTERVENTIONS})
        for findings, is_largest in ((_INTERVENTIONS // 5, False), (FINDINGS, True)):
            audit.execute(_FINDINGS, {"findings": findings, "run": LARGEST, "is_largest": is_largest})
        audit.execute(_LOST)
        audit.execute(_CLIENTS)


def _count(home: Path, tables: tuple[str, ...]) -> list[object]:
    with open_read_only(home) as audit:
        return [_count_rows(audit, table) for table in tables]


def _count_rows(audit: duckdb.DuckDBPyConnection, table: str) -> object:
    # A count of texts, because a count of rows reads only the metadata.
    return audit.execute(f"select count(distinct run_id) from {table}").fetchone()


def _compare_with_count(what: str, goal: float, work: Callable[[], object], count: Callable[[], object]) -> Figure:
    taken, bare = measure_median(work, ROUNDS), measure_median(count, ROUNDS)
    return Figure(what, taken, "s", goal, f"{taken / bare:.1f} x a bare count")


if __name__ == "__main__":
    print_figures(measure())
