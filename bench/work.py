"""Runs one piece of work to measure: python -m bench.work check|check-sql|submit EXPORT HOME [PERIOD]."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from flows.landing.commit import land
from flows.landing.home import locked_home
from flows.pipeline.assess import assess, load_reference_inputs, read_export
from flows.sources.request import SubmissionOptions, build_request
from schemas.dataset import TABLE


def check(export: Path, home: Path, period: str) -> None:
    """Does what `ndtms check` does."""
    request = build_request(SubmissionOptions(str(export), period, "L0001", "2026-05-03", home))
    inputs = load_reference_inputs(request)
    assess(request, inputs, read_export(request, inputs))


def check_sql(export: Path, home: Path, period: str) -> None:
    """Does what `check` does, with the tables built by SQL."""
    tables = {
        name: pl.read_csv(export / f"{name}.csv", n_rows=1, infer_schema=False).columns for name in TABLE.values()
    }
    for name, columns in tables.items():
        query = f"select {', '.join(columns)}, source_file, source_line from {name}"
        (home / f"{name}.sql").write_text(query, encoding="utf-8")
    lines = ['name = "bench"', f"location = {json.dumps(str(export))}"]
    lines += [f'[{name}]\nsql = "{name}.sql"' for name in tables]
    mapping = home / "bench.toml"
    mapping.write_text("\n".join(lines), encoding="utf-8")
    check(mapping, home, period)


def submit(export: Path, home: Path, period: str) -> None:
    """Does what `ndtms submit` does, without starting Prefect."""
    request = build_request(SubmissionOptions(str(export), period, "L0001", "2026-05-03", home))
    inputs = load_reference_inputs(request)
    # The home is a temporary directory, so this never waits.
    with locked_home(request.home):
        land(assess(request, inputs, read_export(request, inputs)), datetime.now(UTC))


if __name__ == "__main__":
    what, export_folder, home_folder, *month = sys.argv[1:]
    {"check": check, "check-sql": check_sql, "submit": submit}[what](
        Path(export_folder), Path(home_folder), *(month or ["2023-04"])
    )
