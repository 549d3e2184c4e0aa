"""Shows a polars frame to DuckDB without another package and without a copy."""

import polars as pl


class ArrowStream:
    """A frame as an Arrow stream, which DuckDB reads when it is registered under a name."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Returns a new stream of the rows, for each query that reads them."""
        return self._frame.__arrow_c_stream__(requested_schema)
