"""One piece of work to be measured: python -m bench.work floor|check|land EXPORT HOME."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from flows.assessment import assess, grounds_of, read_export
from flows.landing import holding, land
from flows.past import past_of
from flows.request import submission_request
from schemas.dataset import fields


def floor(export: Path, home: Path) -> None:
    """What any tool must do: read the three tables as text, join them, write the 70 columns."""
    clients, episodes, interventions = (
        pl.read_csv(export / f"{table}.csv", infer_schema=False) for table in ("clients", "episodes", "interventions")
    )
    joined = interventions.join(episodes, on="EPISODID").join(clients, on="CLIENTID")
    blank = [pl.lit(None, dtype=pl.String).alias(each.header) for each in fields() if each.header not in joined.columns]
    rows = joined.with_columns(blank).select(each.header for each in fields())
    rows.sort("CLIENTID", "EPISODID", "MODID").write_csv(home / "floor.csv", line_terminator="\r\n")


def check(export: Path, home: Path) -> None:
    """What `ndtms check` does."""
    request = submission_request(str(export), "2023-04", agency="L0001", extracted_on="2026-05-03", home=home)
    grounds = grounds_of(request)
    assess(request, grounds, read_export(request, grounds), past_of(request))


def submit(export: Path, home: Path) -> None:
    """What `ndtms submit` does, without the start of Prefect."""
    request = submission_request(str(export), "2023-04", agency="L0001", extracted_on="2026-05-03", home=home)
    grounds = grounds_of(request)
    with holding(request.home):
        land(assess(request, grounds, read_export(request, grounds), past_of(request)), datetime.now(UTC))


if __name__ == "__main__":
    what, export_folder, home_folder = sys.argv[1:]
    {"floor": floor, "check": check, "submit": submit}[what](Path(export_folder), Path(home_folder))
