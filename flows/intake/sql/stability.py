"""Finds SQL whose result depends on the order of rows, which would give other submissions of the same export."""

from collections.abc import Mapping

import polars as pl

from flows.intake.sql.database import open_sql_tables
from flows.sources.mapping import SourceMapping, SqlFile
from flows.sources.query_parameters import QueryParameters
from flows.support.errors import InputRefused
from flows.support.limits import Limits

_SEEDS = (1, 2)


def refuse_unstable_results(
    mapping: SourceMapping, tables: Mapping[str, pl.DataFrame], parameters: QueryParameters, limits: Limits
) -> None:
    """Builds the tables of a mapping again from rows in another order, with one thread and with four.

    Args:
        mapping: the mapping, with the texts of its SQL files.
        tables: the tables of the export, by name.
        parameters: the month, the agency and the day of the extract.
        limits: the maximum memory and time of a query.

    Raises:
        InputRefused: a result differs; the text names the columns.
    """
    expected = _build_all(mapping, tables, parameters, limits, threads=1)
    for seed in _SEEDS:
        shuffled = {name: table.sample(fraction=1, shuffle=True, seed=seed) for name, table in tables.items()}
        found = _build_all(mapping, shuffled, parameters, limits, threads=4)
        for file, result in expected.items():
            if differing := _find_differences(result, found[file]):
                raise InputRefused(
                    f"{file}: {differing}, depending on the order of the rows, which a system may change at any time;"
                    " decide which row counts: order by a column that differs, or use latest() or nth()"
                )


def _build_all(
    mapping: SourceMapping,
    tables: Mapping[str, pl.DataFrame],
    parameters: QueryParameters,
    limits: Limits,
    threads: int,
) -> dict[str, pl.DataFrame]:
    files: list[SqlFile] = mapping.table_sql_files
    with open_sql_tables(mapping, tables, parameters, limits, threads) as built:
        return {file.name: built.build(file) for file in files}


def _find_differences(expected: pl.DataFrame, found: pl.DataFrame) -> str:
    """Returns what differs between two sorted results, or an empty text."""
    if len(expected) != len(found):
        return "the result has more or fewer rows"
    names = [name for name in expected.columns if not expected[name].equals(found[name])]
    return f"the values of {', '.join(names)} differ" if names else ""
