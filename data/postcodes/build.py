"""Make the postcode directory that comes with the project, again or from another release.

    python data/postcodes/build.py INPUT OUTPUT [RELEASE]

INPUT is an ONS Postcode Directory or National Statistics Postcode Lookup: CSV, the published ZIP, or a CSV
packed as .xz (two columns, pcds and ladNNcd, are enough). OUTPUT is the Parquet file. RELEASE is what the
release is called, where the name of INPUT does not say it. Northern Ireland (BT) is left out, its rows having
another licence; the program knows it by its area. The same input gives the same bytes. The project has to be
installed.
"""

import lzma
import shutil
import sys
import tempfile
from pathlib import Path

import polars as pl

from flows.reference.postcode_directory import DirectoryError, read_release, release_name, write_packed


def build(source: Path, target: Path, release: str | None = None) -> pl.DataFrame:
    """Make the packed directory.

    Args:
        source: the release.
        target: the Parquet file to write.
        release: the release's name; taken from the name of the file where None.

    Returns:
        What was written.

    Raises:
        DirectoryError: `source` is no postcode directory.
    """
    if source.suffix == ".xz":
        with tempfile.TemporaryDirectory() as folder:
            unpacked = Path(folder) / source.stem
            with lzma.open(source) as packed, unpacked.open("wb") as file:
                shutil.copyfileobj(packed, file)
            return build(unpacked, target, release)
    great_britain = read_release(source).filter(~pl.col("sector").str.contains("^BT[0-9]"))
    write_packed(great_britain, target, release_name(source) if release is None else release)
    return great_britain


def main(arguments: list[str]) -> int:
    """Run from the command line; 0 when the file stands, 2 when the command or the input is wrong."""
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
