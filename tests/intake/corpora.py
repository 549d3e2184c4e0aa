"""Awkward files put through the door as a client table: python -m tests.intake.corpora FOLDER.

Each must end in a reading that loses nothing, compared with a plain reading with Python's csv module,
or in a named refusal.  Archives (.tar.xz) are looked into.  Prints a line a file and the sums, and exits 1
where something was lost in silence or ended in anything but a sentence.
"""

import csv
import io
import json
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from flows.files.csv import Dialect, read_csv
from flows.files.locations import Location
from flows.intake.extract import extract
from flows.sources.mapping import plain_export
from flows.support.errors import InputRefused
from schemas.record_columns import FILE_LINE
from tests.support.geography import SMALL_GEOGRAPHY

TABLES = (".csv", ".tsv", ".txt", ".dat")


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every table of a folder and of the archives in it."""
    for path in sorted(folder.rglob("*")):
        if path.name.endswith(".tar.xz"):
            with tarfile.open(path) as archive:
                for member in archive.getmembers():
                    held = archive.extractfile(member) if member.isfile() else None
                    if held and member.name.lower().endswith(TABLES):
                        yield f"{path.name}:{member.name}", held.read()
        elif path.is_file() and path.suffix.lower() in TABLES:
            yield path.name, path.read_bytes()
        elif path.name == "blns.json":
            yield "blns.json as a table", strings_as_clients(json.loads(path.read_text(encoding="utf-8")))


def strings_as_clients(strings: list[str]) -> bytes:
    """A client table with each string as the name of somebody."""
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["CLIENTID", "FORENAME", "ETHNIC"])
    for number, text in enumerate(strings):
        shown = text.replace("\0", "")
        writer.writerow([f"C{number}", shown, shown])
    return table.getvalue().encode("utf-8", "replace")


def outcome(name: str, content: bytes) -> str:
    """The result of a file: read, refused, or an error that must not happen."""
    dialect = Dialect("utf-8", "\t" if name.endswith(".tsv") else ",")
    try:
        table = read_csv(content, name, dialect)
    except InputRefused as refusal:
        return f"refused: {refusal}"
    except Exception as error:
        return f"FAILED: {type(error).__name__}"
    cells = [["" if cell is None else cell for cell in row] for row in table.drop(FILE_LINE).rows()]
    return f"read: {len(cells)} rows" if cells == plainly(content, dialect) else "LOST something"


def plainly(content: bytes, dialect: Dialect) -> list[list[str]]:
    """The cells below the header, read by Python's csv module."""
    text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=dialect.delimiter) if row]
    return rows[1:]


def as_client_table(content: bytes, folder: Path) -> str:
    """What becomes of a file as clients.csv of a plain export."""
    (folder / "clients.csv").write_bytes(content)
    (folder / "episodes.csv").write_text("EPISODID,CLIENTID\n", encoding="utf-8")
    (folder / "interventions.csv").write_text("MODID,EPISODID\n", encoding="utf-8")
    try:
        extract(plain_export(folder), Location(str(folder)), SMALL_GEOGRAPHY)
    except InputRefused:
        return "refused"
    except Exception as error:
        return f"FAILED: {type(error).__name__}"
    return "read"


def main(folder: Path) -> None:
    sums: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as room:
        for name, content in files(folder):
            reported, whole = outcome(name, content), as_client_table(content, Path(room))
            sums[reported.partition(":")[0]] += 1
            sums[f"as a client table {whole}"] += 1
            sys.stdout.write(f"{name:60.60} {reported[:100]} | {whole}\n")
    sys.stdout.write("".join(f"{number:5} {what}\n" for what, number in sorted(sums.items())))
    if any(what.startswith(("LOST", "FAILED")) or "FAILED" in what for what in sums):
        sys.exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
