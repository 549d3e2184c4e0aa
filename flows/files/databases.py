"""Reads the result of a database query as text, through an ADBC driver.

The location and the credentials of the database come from the environment only: the mapping names a variable
that holds the URI, or a Prefect secret.
"""

import os

import polars as pl

from flows.files.database_errors import convert_database_error
from flows.files.parquet import convert_to_text
from flows.support.errors import InputRefused


def read_query(query: str, database: str, name: str) -> pl.DataFrame:
    """Reads the rows of a query as text columns, and `FILE_LINE`, which is 2 for the first row.

    Args:
        query: the SQL text.
        database: `env:VARIABLE` or `block:NAME`, where the URI is stored.
        name: the name of the table in messages.

    Returns:
        One String column for each column of the query, and `FILE_LINE` (UInt32).

    Raises:
        InputRefused: the variable, the secret or the driver is missing, the query is wrong, or the database refuses the
            user.
        SourceUnreadable: the database does not answer.
    """
    uri = _find_uri(database)
    try:
        answer = pl.read_database_uri(query, uri, engine="adbc")
    except (ImportError, pl.exceptions.ModuleUpgradeRequiredError):
        raise InputRefused(
            f"{name}: no driver for this database is installed; the extra `postgresql` installs one for PostgreSQL"
        ) from None
    except Exception as error:
        # The driver's text may quote the URI or a record.
        raise convert_database_error(error, database, name) from None
    return convert_to_text(_convert_extensions(answer), name)


def _convert_extensions(table: pl.DataFrame) -> pl.DataFrame:
    """Converts database types that polars does not know (numeric, uuid) to the text they arrived as."""
    extended = [column.name for column in table.get_columns() if isinstance(column.dtype, pl.BaseExtension)]
    return table.with_columns(pl.col(name).ext.storage() for name in extended)


def _find_uri(database: str) -> str:
    kind, _, name = database.partition(":")
    if kind == "block":
        from flows.support.prefect_secrets import load_secret  # noqa: PLC0415

        return load_secret(name)
    uri = os.environ.get(name, "")
    if not uri:
        raise InputRefused(
            f"{database}: the environment variable {name} is not set; it must contain the database's URI"
        )
    return uri
