"""Homes for tests, and what can be asked about one."""

from pathlib import Path

import duckdb

from flows.reference.numbered_files import next_path
from flows.reference.packed_directory import write_packed
from tests.support.geography import SMALL_DIRECTORY

# The submission file of the month that `tests.support.runs.land_export` lands by default.
SUBMISSION_FILE = Path("submissions/L0001/L0001-20230401-20230430-TREAT-IN-R.csv")


def make_small_home(folder: Path) -> Path:
    """Makes a home whose postcode directory has one postcode, so that it loads at once.  Returns the folder."""
    write_packed(SMALL_DIRECTORY, next_path(folder, "postcodes", ".parquet"), "made up")
    return folder


def query_audit(home: Path, query: str) -> list[tuple[object, ...]]:
    """Returns the rows that a query finds in the audit of a home."""
    with duckdb.connect(str(home / "audit.duckdb"), read_only=True) as audit:
        return audit.execute(query).fetchall()


def list_waiting_runs(home: Path) -> list[str]:
    """Returns the names of the runs that wait to be landed or removed, in order."""
    return sorted(path.name for path in (home / ".landing").glob("*"))
