"""Builds the postcode directory of the project, from the same release or another one.

    python data/postcodes/build.py INPUT OUTPUT [RELEASE]

INPUT is an ONS Postcode Directory or National Statistics Postcode Lookup: CSV, the published ZIP, or a CSV
compressed as .xz (two columns, pcds and ladNNcd, are enough). OUTPUT is the Parquet file. RELEASE is the name of
the release, if the name of INPUT does not contain it. Northern Ireland (BT) is left out, because its rows have
another licence; the program recognises it by its area. The same input produces the same bytes. The project must be
installed.
"""

import lzma
import shutil
import sys
import tempfile
from pathlib import Path

import polars as pl

from flows.reference.packed_directory import DirectoryError, write_packed
from flows.reference.postcode_releases import read_release, release_name


def build(source: Path, target: Path, release: str | None = None) -> pl.DataFrame:
    """Builds the directory and writes it.

    Args:
        source: the release.
        target: the Parquet file to write.
        release: the release's name; None takes it from the name of the file.

    Returns:
        The rows of the directory.

    Raises:
        DirectoryError: `source` is not a postcode directory.
    """
    if source.suffix == ".xz":
        with tempfile.TemporaryDirectory() as folder:
            unpacked = Path(folder) / source.stem
            with lzma.open(source) as packed, unpacked.open("wb") as file:
                shutil.copyfileobj(packed, file)
            # `read_release` reads plain and zipped files only.
            return build(unpacked, target, release)
    # The rows of Northern Ireland have another licence.
    great_britain = read_release(source).filter(~pl.col("sector").str.contains("^BT[0-9]"))
    write_packed(great_britain, target, release_name(source) if release is None else release)
    return great_britain


def main(arguments: list[str]) -> int:
    """Runs from the command line.  Returns 0, or 2 if the command or the input is invalid."""
    if len(arguments) not in {2, 3}:
        print("usage: python data/postcodes/build.py INPUT OUTPUT [RELEASE]", file=sys.stderr)
        return 2
    try:
        built = build(Path(arguments[0]), Path(arguments[1]), *arguments[2:])
    except (DirectoryError, OSError, lzma.LZMAError) as error:
        print(error, file=sys.stderr)
        return 2
    authorities = built["authority"].drop_nulls().n_unique()
    print(f"{built.height:,} postcodes, {authorities} authorities, {arguments[1]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
