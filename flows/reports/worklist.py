"""The worklist as a workbook for the people who correct the data: a sheet for each owner."""

import polars as pl

from flows.reports.workbook import build_sheets

# What a clerk needs comes first: which record, where it is, what is wrong and what to do.
COLUMNS = {
    "local_number": "Local number",
    "location": "Where",
    "fault": "What is wrong",
    "fix": "What to do",
    "rows_lost": "Rows lost",
    "since": "Since",
    "severity": "Severity",
    "field": "Field",
    "period": "Month",
    "agency": "Agency",
    "client_id": "Client",
    "episode_id": "Episode",
    "intervention_id": "Intervention",
    "rule": "Rule",
}
_TO_FILL_IN = ("Done", "Note")
_WRAPPED = {"What is wrong": 60, "What to do": 50, "Note": 30}
_SHEETS = {"entry": "Data entry", "conversion": "Mapping", "reference": "Reference data"}


def build_worklist(faults: pl.DataFrame) -> bytes:
    """Returns the bytes of a workbook with the faults of each owner on a sheet, and columns to fill in.

    Args:
        faults: the rows of the view `worklist`, in order.

    Raises:
        InputRefused: a sheet cannot hold the faults.
    """
    empty = [pl.lit(None, dtype=pl.String).alias(name) for name in _TO_FILL_IN]
    sheets = {
        name: faults.filter(pl.col("owner") == owner).select(
            *(pl.col(column).alias(header) for column, header in COLUMNS.items()), *empty
        )
        for owner, name in _SHEETS.items()
    }
    return build_sheets(sheets, wrapped=_WRAPPED)
