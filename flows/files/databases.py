"""Databases: the answer to a query, as text, over an ADBC driver.

Where the database is, and who may ask it, comes from the environment alone: the mapping names a
variable that holds the URI, or a Prefect secret.
"""

import os

import polars as pl

from flows.files.parquet import typed_table
from flows.support.errors import InputRefused, SourceUnreadable


def read_query(query: str, database: str, name: str) -> pl.DataFrame:
    """The rows of a query as text columns, and `source_line`, the first row being line 2.

    Args:
        query: what to ask.
        database: `env:VARIABLE` or `block:NAME`, where the URI is kept.
        name: what the table is called in messages.

    Raises:
        InputRefused: there is no such variable or secret, no driver for its kind, or the query is wrong.
        SourceUnreadable: the database did not answer.
    """
    uri = _uri(database)
    try:
        answer = pl.read_database_uri(query, uri, engine="adbc")
    except (ImportError, pl.exceptions.ModuleUpgradeRequiredError):
        raise InputRefused(
            f"{name}: no driver for this kind of database is installed; the extra `postgresql` brings one"
        ) from None
    except Exception as error:
        # Not the error's own text: it may quote the URI or a record.
        kind = type(error).__name__
        told = InputRefused if kind in ("ProgrammingError", "NotSupportedError", "DataError") else SourceUnreadable
        raise told(f"{name}: the query of {database} failed ({kind})") from None
    return typed_table(_without_extensions(answer), name)


def _without_extensions(table: pl.DataFrame) -> pl.DataFrame:
    """Types of a database that polars does not know (numeric, uuid) as the texts they came as."""
    odd = [column.name for column in table.get_columns() if isinstance(column.dtype, pl.BaseExtension)]
    return table.with_columns(pl.col(name).ext.storage() for name in odd)


def _uri(database: str) -> str:
    kind, _, name = database.partition(":")
    if kind == "block":
        from flows.support.prefect_secrets import secret  # noqa: PLC0415

        return secret(name)
    uri = os.environ.get(name, "")
    if not uri:
        raise InputRefused(f"{database}: the environment has no variable {name}; it must hold the database's URI")
    return uri
