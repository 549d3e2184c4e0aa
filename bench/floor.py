"""The least work that any tool must do, in plain polars: python -m bench.floor EXPORT HOME."""

import sys
from pathlib import Path

import polars as pl

from schemas.dataset import list_fields


def write_floor(export: Path, home: Path) -> None:
    """Does what any tool must do: reads the three tables as text, joins them, writes the 70 columns."""
    # Reads everything as text, as the pipeline does.
    clients, episodes, interventions = (
        pl.read_csv(export / f"{table}.csv", infer_schema=False) for table in ("clients", "episodes", "interventions")
    )
    joined = interventions.join(episodes, on="EPISODID").join(clients, on="CLIENTID")
    blank = [
        pl.lit(None, dtype=pl.String).alias(field.header)
        for field in list_fields()
        if field.header not in joined.columns
    ]
    rows = joined.with_columns(blank).select(field.header for field in list_fields())
    rows.sort("CLIENTID", "EPISODID", "MODID").write_csv(home / "floor.csv", line_terminator="\r\n")


if __name__ == "__main__":
    write_floor(Path(sys.argv[1]), Path(sys.argv[2]))
