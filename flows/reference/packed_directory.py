"""Reads and writes packed postcode directories: the shipped one, and those made of a release that a user loaded."""

import os
import secrets
from pathlib import Path

import polars as pl

from flows.support.atomic_files import sync_folder
from transforms.derive.postcode_directory import COLUMNS

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "postcodes" / "onspd-2025-11.parquet"


class DirectoryError(ValueError):
    """Reports a file that is not a usable postcode directory; the text is a sentence for the user."""


def read_shipped() -> pl.DataFrame:
    """Reads the shipped directory: Great Britain in November 2025, live and terminated postcodes.

    Returns:
        `sector`, `unit`, `authority` (String; authority is null if there is none), sorted by sector and unit.

    Raises:
        DirectoryError: the file is missing or incomplete.
    """
    return read_packed(SHIPPED)


def read_packed(path: Path) -> pl.DataFrame:
    """Reads a directory that `write_packed` wrote.

    Args:
        path: the Parquet file.

    Returns:
        `sector`, `unit`, `authority` (String; authority is null if there is none), sorted by sector and unit.

    Raises:
        DirectoryError: the file is missing, cannot be read or has other columns.
    """
    return _read(path)


def find_packed(path: Path, sectors: pl.Series) -> pl.DataFrame:
    """Reads the postcodes of some sectors from a directory that `write_packed` wrote, which has millions of others.

    Args:
        path: the Parquet file.
        sectors: the sectors; null finds nothing.

    Returns:
        As `read_packed`.

    Raises:
        DirectoryError: as `read_packed`.
    """
    return _read(path, pl.col("sector").is_in(sectors.implode()))


def _read(path: Path, *conditions: pl.Expr) -> pl.DataFrame:
    try:
        query = pl.scan_parquet(path, glob=False)
        _refuse_other_columns(query.collect_schema(), path)
        return query.filter(*conditions).collect()
    except FileNotFoundError:
        raise DirectoryError(f"{path} cannot be read as a postcode directory: there is no such file") from None
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DirectoryError(
            f"{path} cannot be read as a postcode directory: it is not a complete Parquet file; load its release again"
        ) from error


def packed_release(path: Path) -> str:
    """Returns the release that `write_packed` recorded in a directory; '' if it recorded none."""
    return str(pl.read_parquet_metadata(path).get("release", ""))


def write_packed(frame: pl.DataFrame, path: Path, release: str = "") -> None:
    """Writes a directory completely or not at all: first next to its target, then moved there.

    Args:
        frame: `sector`, `unit`, `authority` (String).
        path: the target; an existing file stays until the new one is complete.
        release: the name of the release, stored in the file's metadata.

    Raises:
        DirectoryError: the frame has other columns.
    """
    _refuse_other_columns(frame.schema, path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            # One row group of large pages gives the smallest file: docs/decisions/postcode-directory.md has
            # measurements.
            frame.select(COLUMNS).write_parquet(
                file,
                compression="zstd",
                compression_level=19,
                statistics=False,
                row_group_size=max(frame.height, 1),
                data_page_size=8 * 2**20,
                metadata={"release": release},
            )
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _refuse_other_columns(schema: pl.Schema, path: Path) -> None:
    if dict(schema) != dict.fromkeys(COLUMNS, pl.String):
        raise DirectoryError(
            f"{path} is not a postcode directory: its columns are {', '.join(schema) or 'none'};"
            f" allowed: {', '.join(COLUMNS)}, all text"
        )
