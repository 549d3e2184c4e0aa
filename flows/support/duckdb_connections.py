"""Opens DuckDB databases."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb


def connect(
    path: Path | str, *, read_only: bool = False, config: Mapping[str, Any] | None = None
) -> duckdb.DuckDBPyConnection:
    """Opens a database without a progress bar, which would go to standard output where Python seems to be interactive.

    Raises:
        duckdb.Error: the file cannot be opened.
    """
    connection = duckdb.connect(str(path), read_only=read_only, config=dict(config or {}))
    connection.execute("set enable_progress_bar = false")
    return connection
