"""Damaged files of every kind, through the readers: python -m tests.intake.mutants [NUMBER [KIND ...]].

Each is a good Parquet file, ZIP archive, gzip file or Excel workbook with some bytes changed, cut or repeated,
by a seeded chance.  Each must be read, or refused with one sentence that names it.
"""

import gzip
import io
import random
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import openpyxl
import polars as pl

from flows.files.archives import unpack
from flows.files.csv import Dialect, read_csv
from flows.files.isolated_reading import read_parquet, read_workbook
from flows.support.errors import InputRefused
from flows.support.limits import Limits

TABLE = pl.DataFrame({
    "CLIENTID": [f"C{number}" for number in range(60)], "DOB": ["1980-01-02"] * 60,
    "notes": [None, "é", "x" * 200] * 20,
})  # fmt: skip
LIMITS = Limits(reading_seconds=60)


def parquet() -> bytes:
    buffer = io.BytesIO()
    TABLE.with_columns(number=pl.int_range(60), day=pl.lit("2023-04-01").str.to_date()).write_parquet(buffer)
    return buffer.getvalue()


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("clients.csv", TABLE.write_csv())
    return buffer.getvalue()


def gzipped() -> bytes:
    return gzip.compress(TABLE.write_csv().encode(), mtime=0)


def workbook() -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in (tuple(TABLE.columns), *TABLE.iter_rows()):
        sheet.append(row)
    book.save(buffer)
    return buffer.getvalue()


def read_archive(content: bytes, name: str) -> pl.DataFrame:
    inside, _ = unpack(content, name, limits=LIMITS)
    return read_csv(inside, name, Dialect())


KINDS: Mapping[str, tuple[Callable[[], bytes], Callable[[bytes, str], pl.DataFrame]]] = {
    "parquet": (parquet, lambda content, name: read_parquet(content, name, LIMITS)),
    "zip": (zipped, read_archive),
    "gz": (gzipped, read_archive),
    "xlsx": (workbook, lambda content, name: read_workbook(content, name, limits=LIMITS)),
}


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Content with some bytes changed, cut out, repeated or set to extremes."""
    damaged = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        place = chance.randrange(len(damaged))
        length = chance.choice((1, 1, 2, 4, 8, 64))
        way = chance.randrange(5)
        if way == 0:
            damaged[place] ^= 1 << chance.randrange(8)
        elif way == 1:
            damaged[place : place + length] = chance.randbytes(length)
        elif way == 2:
            damaged[place : place + length] = chance.choice((b"\x00", b"\xff", b"\x7f")) * length
        elif way == 3:
            del damaged[place : place + length]
        else:
            damaged[place:place] = damaged[place : place + length]
        damaged = damaged or bytearray(b"\x00")
    return bytes(damaged)


def outcome(kind: str, number: int) -> str:
    """What becomes of the mutant with this number: read, refused, or what is wrong."""
    make, read = KINDS[kind]
    name = f"mutant{number}.{kind}"
    try:
        read(mutated(make(), random.Random(f"{kind} {number}")), name)
    except InputRefused as refusal:
        is_sentence = str(refusal).startswith(f"{name}") and "\n" not in str(refusal)
        return "refused" if is_sentence else f"refused without its name: {refusal}"
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return "read"


def main(number: int, kinds: list[str]) -> int:
    """Reads so many mutants of each kind and prints their results.  Returns how many went wrong."""
    wrong = 0
    for kind in kinds or list(KINDS):
        with ThreadPoolExecutor(2) as pool:
            found = Counter(pool.map(lambda place, kind=kind: outcome(kind, place), range(number)))
        odd = {text: times for text, times in found.items() if text not in ("read", "refused")}
        wrong += sum(odd.values())
        counts = f"{found['read']} read, {found['refused']} refused, {odd or 'none else'}"
        sys.stdout.write(f"{kind}: {number} mutants, {counts}\n")
        sys.stdout.flush()
    return wrong


if __name__ == "__main__":
    sys.exit(1 if main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000, sys.argv[2:]) else 0)
