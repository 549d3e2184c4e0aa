"""The door for CSV: what comes in whole and as text, and what is refused in one sentence."""

from pathlib import Path

import polars as pl
import pytest

from flows.files.csv import Dialect, read_csv
from flows.support.errors import InputRefused
from schemas.record_columns import FILE_LINE
from tests.rules.world import World
from tests.support.command import Command
from tests.support.exports import write_export
from transforms.parse.clean import clean_text

NAME = "clients.csv"


def read(content: bytes, dialect: Dialect | None = None) -> pl.DataFrame:
    return read_csv(content, NAME, dialect or Dialect())


def rows(content: bytes, dialect: Dialect | None = None) -> list[tuple[object, ...]]:
    """The records, cleaned: the line each starts on, then its cells."""
    table = clean_text(read(content, dialect))
    return table.select(FILE_LINE, pl.exclude(FILE_LINE)).rows()


def refusal(content: bytes, dialect: Dialect | None = None) -> str:
    with pytest.raises(InputRefused) as caught:
        read(content, dialect)
    return str(caught.value)


ONE, TWO = (2, "1", "x"), (3, "2", "y")
BOM = b"\xef\xbb\xbf"

READ: dict[str, tuple[bytes, list[tuple[object, ...]]]] = {
    "line feeds": (b"a,b\n1,x\n2,y\n", [ONE, TWO]),
    "carriage returns and line feeds": (b"a,b\r\n1,x\r\n2,y\r\n", [ONE, TWO]),
    "both kinds of line end": (b"a,b\r\n1,x\n2,y\r\n", [ONE, TWO]),
    "no final newline": (b"a,b\n1,x\n2,y", [ONE, TWO]),
    "no final newline after a quote": (b'a,b\n1,x\n2,"y"', [ONE, TWO]),
    "a byte order mark": (BOM + b"a,b\n1,x\n", [ONE]),
    "a byte order mark and quotes": (BOM + b'"a","b"\n"1","x"\n', [ONE]),
    "an empty line between": (b"a,b\n1,x\n\n2,y\n", [ONE, (4, "2", "y")]),
    "empty lines of Windows": (b"a,b\r\n\r\n1,x\r\n\r\n", [(3, "1", "x")]),
    "empty lines between quotes": (b'a,b\n"1",x\n\n\n2,y\n', [ONE, (5, "2", "y")]),
    "empty lines at both ends": (b"\n\na,b\n1,x\n\n\n", [(4, "1", "x")]),
    "empty lines before a quoted header": (b'\n"a",b\n1,x\n', [(3, "1", "x")]),
    "blank cells": (b"a,b\n,\n1,\n,x\n", [(2, None, None), (3, "1", None), (4, None, "x")]),
    "white space alone in cells": (b"a,b\n , \t\n", [(2, None, None)]),
    "a quoted delimiter": (b'a,b\n1,"x,y"\n', [(2, "1", "x,y")]),
    "a doubled quote": (b'a,b\n1,"say ""x"""\n', [(2, "1", 'say "x"')]),
    "a quote inside a cell": (b'a,b\n1,5" tall\n', [(2, "1", '5" tall')]),
    "a newline in quotes": (b'a,b\n1,"x\ny"\n2,y\n', [(2, "1", "x\ny"), (4, "2", "y")]),
    "newlines of Windows in quotes": (b'a,b\r\n1,"x\r\ny\r\nz"\r\n2,y\r\n', [(2, "1", "x\r\ny\r\nz"), (5, "2", "y")]),
    "an empty line in quotes": (b'a,b\n1,"x\n\ny"\n2,y\n', [(2, "1", "x\n\ny"), (5, "2", "y")]),
    "an empty line after a newline in quotes": (b'a,b\n1,"x\ny"\n\n2,y\n', [(2, "1", "x\ny"), (5, "2", "y")]),
    "a newline in a quoted header": (b'a,"b\nc"\n1,x\n', [(3, "1", "x")]),
    "header alone": (b"a,b\n", []),
    "header alone without an end": (b"a,b", []),
    "header alone in quotes": (b'"a","b"\n', []),
    "header and empty lines": (b"a,b\n\n\n", []),
    "one column": (b"a\n1\n\n2\n", [(2, "1"), (4, "2")]),
    "one column, a blank of white space": (b"a\n \n2\n", [(2, None), (3, "2")]),
    "one column in quotes, one empty": (b'a\n""\n"2"\n', [(2, None), (3, "2")]),
    "all text": (b"a,b\n007,1e5\ntrue,2023-04-03\n", [(2, "007", "1e5"), (3, "true", "2023-04-03")]),
    "what looks like a comment": (b"a,b\n#1,x\n", [(2, "#1", "x")]),
    "no names for a column": (b"a,b,\n1,x,odd\n", [(2, "1", "x", "odd")]),
    "separators that do not end a line": (
        "a,b\n1,x\x0by\x0cz\x1c\x85\u2028w\n".encode(), [(2, "1", "x\x0by\x0cz\x1c\x85\u2028w")]),
}  # fmt: skip


@pytest.mark.parametrize("case", READ)
def test_what_is_read(case: str) -> None:
    content, expected = READ[case]
    assert rows(content) == expected


@pytest.mark.parametrize("case", READ)
def test_the_fast_and_the_careful_way_read_the_same(case: str) -> None:
    """One more record, once with a quote in it, which is read the careful way, and once without."""
    content, _ = READ[case]
    width = read(content).width - 1
    base = content if content.endswith(b"\n") else content + b"\n"
    plain = base + b",".join([b"z"] * width) + b"\n"
    quoted = base + b",".join([b'"z"', *[b"z"] * (width - 1)]) + b"\n"
    fast, careful = clean_text(read(plain)), clean_text(read(quoted))
    assert fast.schema == careful.schema
    assert fast.equals(careful)


def test_everything_is_text_and_the_line_is_a_number() -> None:
    for content in (b"a,b\n1,2\n", b'a,b\n"1",2\n', b"a,b\n"):
        assert read(content).schema == {"a": pl.String, "b": pl.String, FILE_LINE: pl.UInt32}


def test_names_of_columns_lose_their_outer_white_space() -> None:
    assert read(b" a ,\tb\n1,2\n").columns == ["a", "b", FILE_LINE]


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("utf-8", ","), ("utf-8", "|"), ("utf-8", "\t"), ("cp1252", "|"), ("utf-16", ","), ("latin-1", ";")],
)  # fmt: skip
@pytest.mark.parametrize("quote", ["", '"'])
def test_other_encodings_and_delimiters(encoding: str, delimiter: str, quote: str) -> None:
    text = f"a{delimiter}b\n{quote}É{quote}{delimiter}x\n"
    assert rows(text.encode(encoding), Dialect(encoding, delimiter)) == [(2, "É", "x")]


LONGER = ": the row is longer than the header: {} fields instead of {}"
SHORTER = ": the row is shorter than the header: {} field instead of {}"
REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", ": the file is empty; a header row is needed"),
    "a mark alone": (BOM, ": the file is empty; a header row is needed"),
    "white space alone": (b" \n\t\r\n", ": the file is empty; a header row is needed"),
    "longer": (b"a,b\n1,x\n1,x,y\n", "line 3" + LONGER.format(3, 2)),
    "shorter": (b"a,b\n1,x\n1\n", "line 3" + SHORTER.format(1, 2)),
    "white space on a line": (b"a,b\n1,x\n  \n", "line 3" + SHORTER.format(1, 2)),
    "shorter, then longer": (b"a,b\n1\n1,x,y\n", "line 2" + SHORTER.format(1, 2)),
    "longer, then shorter": (b"a,b\n1,x,y\n1\n", "line 2" + LONGER.format(3, 2)),
    "longer in quotes": (b'a,b\n1,"x\ny"\n1,x,"y"\n', "line 4" + LONGER.format(3, 2)),
    "shorter in quotes": (b'a,b\n"1"\n', "line 2" + SHORTER.format(1, 2)),
    "shorter after an empty line": (b"a,b\n\n1\n", "line 3" + SHORTER.format(1, 2)),
    "longer in one column": (b"a\n1\n1,2\n", "line 3" + LONGER.format(2, 1)),
    "carriage returns alone": (
        b"a,b\r1,x\r", ": lines end in a lone carriage return; a line feed, or both, must end them"),
    "a NUL": (b"a,b\n1,x\n2,\0y\n", "line 3: the line contains a NUL byte; only text is allowed"),
    "a quote nobody closed": (
        b'a,b\n1,x\n2,"y\n3,z\n', "line 3: the record is not well-formed CSV (unexpected end of data)"),
    "text after a quote": (
        b'a,b\n1,"x"y\n', "line 2: the record is not well-formed CSV (',' expected after '\"')"),
    "another encoding": (
        "a,b\n1,x\n2,é\n".encode("cp1252"), "line 3: byte 0xe9 is not valid utf-8, the encoding that the source names"),
    "half of UTF-16": (b"\xff\xfea\0,\0b", "line 1: byte 0x62 is not valid utf-16, the encoding that the source names"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(case: str) -> None:
    content, expected = REFUSED[case]
    # The next step comes last.
    assert refusal(content).startswith(NAME + (expected if expected.startswith(":") else f", {expected}"))


@pytest.mark.parametrize("content", [b"SECRET,b,SECRET\n1,2,3\n", b'"SECRET",b," SECRET "\n1,2,3\n'])
def test_a_repeated_header_is_reported_by_its_place(content: bytes) -> None:
    message = refusal(content)
    assert message == "clients.csv, line 1: the columns 1, 3 have the same name; each name is allowed once"


@pytest.mark.parametrize("case", REFUSED)
def test_a_message_holds_no_cell(case: str) -> None:
    content, _ = REFUSED[case]
    spoken = content.replace(b"1,x", b"1,SECRET").replace(b"1\n", b"SECRET\n").replace(b'"y', b'"SECRET')
    assert "SECRET" not in refusal(spoken)


@pytest.mark.parametrize(
    ("dialect", "content", "shown"),
    [
        (Dialect("ascii"), b"a\n\xe9\n", "line 2: byte 0xe9 is not valid ascii"),
        (Dialect("cp1252"), b"a\n1\n\x81\n", "line 3: byte 0x81 is not valid cp1252"),
        (Dialect("utf-16"), b"\xff\xfea", "is not valid utf-16"),
    ],
)
def test_bytes_of_another_encoding_are_reported_by_line(dialect: Dialect, content: bytes, shown: str) -> None:
    assert shown in refusal(content, dialect)


def test_a_quote_left_open_does_not_swallow_a_long_file() -> None:
    content = b'a,b\n1,"x\n' + b"2,y\n" * 300_000
    assert refusal(content).startswith("clients.csv, line 2: the record is not well-formed CSV (field larger than")


def test_a_lone_carriage_return_in_quotes_is_kept() -> None:
    assert rows(b'a,b\n1,"x\ry"\n') == [(2, "1", "x\ry")]


def test_carriage_returns_alone_are_refused_with_quotes_too() -> None:
    assert "lone carriage return" in refusal(b'"a",b\r1,x\r')


def test_a_delimiter_beyond_ascii() -> None:
    assert rows("a¦b\n1¦x\n".encode(), Dialect(delimiter="¦")) == [ONE]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_utf_16_is_known_by_its_mark(encoding: str) -> None:
    content = "a,b\n1,Zoë\n".encode(encoding)
    marked = content if encoding == "utf-16" else b"\xfe\xff" + content
    assert read_csv(marked, "x.csv", Dialect("cp1252"))["b"].to_list() == ["Zoë"]


@pytest.mark.parametrize("command", [("check",), ("submit",), ("source", "check")], ids=" ".join)
def test_a_field_under_both_of_its_names_is_refused(ndtms: Command, tmp_path: Path, command: tuple[str, ...]) -> None:
    export = write_export(tmp_path / "export", World())
    table = pl.read_csv(export / "episodes.csv", infer_schema=False)
    options = ("--source", export, "--period", "2023-04", "--agency", "L0001", "--home", tmp_path / "home")
    table.rename({"EHCS": "EHCS1"}).write_csv(export / "episodes.csv")
    assert ndtms("check", *options, "--extracted-on", "2023-05-03").code == 0
    table.with_columns(EHCS1=pl.lit("1")).write_csv(export / "episodes.csv")
    named = options[1:] if command == ("source", "check") else options
    ran = ndtms(*command, *named)
    assert ran.code == 2
    assert "EHCS and EHCS1 are one field; remove one of the two columns" in ran.err
