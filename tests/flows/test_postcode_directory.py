import csv
import json
import lzma
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import IO

import polars as pl
import pytest

import flows.reference.postcode_releases
from flows.reference.packed_directory import (
    SHIPPED,
    DirectoryError,
    packed_release,
    read_packed,
    read_shipped,
    write_packed,
)
from flows.reference.postcode_releases import COUNTIES, read_release, release_name

ROOT = Path(__file__).parent.parent.parent
HEADERS: dict[str, list[str]] = json.loads(
    (ROOT / "tests" / "data" / "onspd_nspl_headers.json").read_text(encoding="utf-8")
)
POSTCODES = [
    ("AB1 0AA", "S99999999", "S12000033", "S92000003"),
    ("AL1 1AA", "E10000015", "E07000240", "E10000015"),
    ("B6 6RT", "E11000005", "E08000025", "E08000025"),
    ("BT1 1AA", "N99999999", "N09000003", "N92000002"),
    ("IM1 1AA", "M99999999", "M99999999", None),
    ("SM1 1AA", "E13000002", "E09000029", "E09000029"),
    ("W1A 1AA", "", "", None),
]
ANSWERS = [(postcode[:-2], postcode[-2:], authority) for postcode, _, _, authority in POSTCODES]


def release(header: list[str], quoting: int = csv.QUOTE_MINIMAL, line_end: str = "\r\n") -> str:
    """A release of seven postcodes under some header."""
    lines: list[list[str]] = [header]
    for postcode, county, district, _ in POSTCODES:
        line = []
        for name in header:
            low = name.lower()
            area = {"cty": county, "lau": district, "lad": district}.get(low.removeprefix("os")[:3], "x")
            area = {"admin_county_code": county, "admin_district_code": district}.get(low, area)
            line.append(postcode if low in {"pcds", "postcode"} else area)
        lines.append(line)
    quote = '"' if quoting == csv.QUOTE_ALL else ""
    return "".join(",".join(f"{quote}{value}{quote}" for value in line) + line_end for line in lines)


def folder_of(archive: Path, **members: str) -> Path:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in members.items():
            file.writestr(name, text)
    return archive


# --- the directory that is shipped


@pytest.mark.slow
def test_every_shipped_postcode_agrees_with_the_plain_facts() -> None:
    """A loop over all 2.66 million, by words of its own: shapes, order, and which codes there may be."""
    with COUNTIES.open(encoding="utf-8", newline="") as file:
        england = {row["UTLA21CD"] for row in csv.DictReader(file) if row["UTLA21CD"][0] == "E"}
    with (ROOT / "data" / "authorities" / "recoded.csv").open(encoding="utf-8", newline="") as file:
        recoded = [row for row in csv.DictReader(file) if row["from"] >= "2022"]
    england = (england - {row["old"] for row in recoded}) | {row["new"] for row in recoded}
    assert len(england) == 153

    shipped = read_shipped()
    assert shipped.schema == {"sector": pl.String, "unit": pl.String, "authority": pl.String}
    islands, before, blank, seen = ("JE", "GY", "IM"), "", 0, set()
    columns = (shipped.get_column(name).to_list() for name in ("sector", "unit", "authority"))
    for sector, unit, authority in zip(*columns, strict=True):
        outward, _, digit = sector.partition(" ")
        assert outward.isalnum() and 2 <= len(outward) <= 4
        assert digit.isdigit() and len(digit) == 1
        assert unit.isalpha() and unit.isupper() and len(unit) == 2
        assert before < sector + unit
        before = sector + unit
        assert sector[:2] != "BT"
        if authority is None:
            blank += sector[:2] not in islands
        else:
            assert sector[:2] not in islands
            seen.add(authority)
    assert seen == england | {"S92000003", "W92000004"}
    assert (shipped.height, blank) == (2_657_424, 8_151)


@pytest.mark.parametrize(
    ("sector", "unit", "authority"),
    [
        ("AB1 0", "AA", "S92000003"),
        ("AL1 1", "AA", "E10000015"),
        ("CA6 7", "BB", "E06000057"),
        ("BR8 7", "QP", "E09000006"),
        ("SW1A 1", "AA", "E09000033"),
        ("S1 1", "AA", "E08000039"),
        ("GY1 1", "AA", None),
    ],
)
def test_postcodes_known_by_heart(sector: str, unit: str, authority: str | None) -> None:
    assert read_shipped().filter(sector=sector, unit=unit).rows() == [(sector, unit, authority)]


def test_the_shipped_file_is_small_and_names_its_release() -> None:
    assert SHIPPED.stat().st_size < 600_000
    assert packed_release(SHIPPED) == "ONSPD November 2025"


@pytest.mark.slow
def test_writing_the_same_directory_gives_the_same_bytes_and_is_as_small(tmp_path: Path) -> None:
    shipped, paths = read_shipped(), [tmp_path / "one.parquet", tmp_path / "two.parquet"]
    for path in paths:
        write_packed(shipped, path, "ONSPD November 2025")
    one, two = (path.read_bytes() for path in paths)
    assert one == two
    # Not compared with the shipped bytes: another version of polars may pack otherwise.
    assert len(one) < 600_000
    assert read_packed(paths[0]).equals(shipped)


def test_the_codes_that_changed_name_authorities_that_were_and_are() -> None:
    recoded = pl.read_csv(ROOT / "data" / "authorities" / "recoded.csv", infer_schema=False)
    assert recoded.columns == ["old", "new", "from", "kind"]
    assert recoded.filter(pl.col("kind") == "same_area").get_column("old").is_unique().all()
    split = recoded.filter(pl.col("kind") == "split").group_by("old").len()
    assert split.get_column("len").to_list() == [2, 2]
    assert recoded.filter(~pl.col("kind").is_in(["split", "same_area"])).is_empty()
    today = read_shipped().get_column("authority").unique().to_list()
    assert recoded.filter(~pl.col("new").is_in(today) | pl.col("old").is_in(today)).is_empty()


@pytest.mark.slow
def test_the_shipped_file_can_be_made_again(tmp_path: Path) -> None:
    source, target = tmp_path / "two_columns.csv.xz", tmp_path / "made.parquet"
    rows = "".join(f"{postcode},{district}\n" for postcode, _, district, _ in POSTCODES)
    source.write_bytes(lzma.compress(f"pcds,lad25cd\n{rows}".encode()))
    command = [
        sys.executable,
        str(ROOT / "data" / "postcodes" / "build.py"),
        str(source),
        str(target),
        "ONSPD Nov",
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    made = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert made.stdout.startswith("6 postcodes, 4 authorities")
    # Northern Ireland may not be passed on.
    assert read_packed(target).rows() == [row for row in ANSWERS if row[0][:2] != "BT"]
    assert packed_release(target) == "ONSPD Nov"
    refused = subprocess.run(command[:3], env=environment, capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("usage: ")


# --- a release the user brings


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("name", HEADERS)
def test_every_release_is_read(tmp_path: Path, name: str, quoting: int) -> None:
    path = tmp_path / "release.csv"
    path.write_text(release(HEADERS[name], quoting), encoding="utf-8", newline="")
    assert read_release(path).rows() == ANSWERS


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_byte_order_mark_empty_lines_and_a_missing_last_line_end_do_not_matter(tmp_path: Path, line_end: str) -> None:
    header, first, *others = release(["pcds", "cty", "laua"], line_end=line_end).splitlines()
    lines = [f"\ufeff{header}", first, "", *others]
    path = tmp_path / "release.csv"
    path.write_text(line_end.join(lines), encoding="utf-8", newline="")
    assert read_release(path).rows() == ANSWERS


def test_names_next_to_the_codes_may_hold_commas_and_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "lookup.csv"
    rows = '"B6 6RT","Bristol, City of","E08000025"\n"LL1 1AA","Ynys Môn","W06000001"\n'
    path.write_bytes(("pcds,ladnm,ladcd\n" + rows).encode("cp1252"))
    assert read_release(path).rows() == [("B6 6", "RT", "E08000025"), ("LL1 1", "AA", "W92000004")]


def test_a_file_longer_than_a_piece_is_read_whole_and_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "release.csv"
    path.write_text(release(HEADERS["NSPL Nov 2021"]), encoding="utf-8", newline="")
    reported: list[tuple[int, int]] = []
    monkeypatch.setattr(flows.reference.postcode_releases, "_PIECE", 50)
    assert read_release(path, lambda done, total: reported.append((done, total))).rows() == ANSWERS
    assert len(reported) == len(POSTCODES) + 1
    assert reported == sorted(reported)
    assert reported[-1] == (path.stat().st_size, path.stat().st_size)


def test_the_published_zip_is_read_by_its_one_big_table(tmp_path: Path) -> None:
    text = release(HEADERS["ONSPD Nov 2025 (all renamed)"])
    # Would come before the right one, if it were read too.
    other = text.replace("E08000025", "E08000001")
    path = folder_of(
        tmp_path / "download.zip",
        **{
            "Documents/LAD names.csv": "LAD25CD,LAD25NM\n" + "E06000001,Hartlepool\n" * 1000,
            "Data/multi_csv/ONSPD_NOV_2025_UK_B.csv": other + other.split("\n", 1)[1],
            "Data/ONSPD_NOV_2025_UK.csv": text,
        },
    )
    assert read_release(path).rows() == ANSWERS
    assert release_name(path) == "ONSPD Nov 2025"


def test_the_parts_by_area_are_read_where_there_is_nothing_else(tmp_path: Path) -> None:
    header, *lines = release(HEADERS["NSPL May 2025"]).splitlines()
    parts = {
        f"Data/multi_csv/NSPL_MAY_2025_UK_{line[:1]}{n}.csv": f"{header}\n{line}\n" for n, line in enumerate(lines)
    }
    assert read_release(folder_of(tmp_path / "parts.zip", **parts)).rows() == ANSWERS


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("ONSPD_AUG_2022_UK.csv", "ONSPD Aug 2022"),
        ("NSPL21_AUG_2024_UK.csv", "NSPL21 Aug 2024"),
        ("nspl_may_2025_uk.csv", "NSPL May 2025"),
        ("postcodes.csv", "postcodes.csv"),
        ("ONSPD_XXX_2022_UK.csv", "ONSPD_XXX_2022_UK.csv"),
    ],
)
def test_a_release_is_named_after_its_file(tmp_path: Path, file: str, name: str) -> None:
    (tmp_path / file).write_text("pcds,lad25cd\n", encoding="utf-8")
    assert release_name(tmp_path / file) == name


@pytest.mark.parametrize(
    ("content", "reported"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "its first line is blank"),
        (b"pcds,lad25cd\r\n", "it has a header but no rows"),
        (b"pcds,lad25cd", "it has a header but no rows"),
        (b"pcds,lad25cd\n\n,\n", "it has a header but no rows"),
        (b"SMITH,JOHN,B6 6RT\nJONES,ANN,B6 6RT\n", "it has no column for the postcode (pcds) or the district"),
        (b"pcds,lsoa21cd\nB6 6RT,E01000001\n", "it has no column for the district (oslaua, laua or ladNNcd)"),
        (b"pcds,lad25cd\rB6 6RT,E08000025\r", "lone carriage return"),
        ("pcds,lad25cd\nB6 6RT,E08000025\n".encode("utf-16"), "its first line is not UTF-8 text"),
        (b"pcds,lad25cd,pcds\nB6 6RT,E08000025,B6 6RT\n", "the column pcds occurs 2 times"),
        (b"pcds,cty,laua\nB6 6RT,,E08000025\n\nB6 6RT,\n", "line 4 has 2 values, but the header has 3"),
        (b"pcds,cty,laua\nB6 6RT,,E08000025\nB6 6RT,,E08000025,\n", "line 3 has 4 values, but the header has 3"),
        (
            b"pcds,laua\nB6 6RT,E08000025\n\nB6 6RT,JOHN\n",
            "line 4 has a value in laua that is not the code of an area",
        ),
        (
            b"pcds,laua\nB6 6RT,E08000025\nSMITH,E08000025\n",
            "line 3 has a value in pcds that is not a postcode",
        ),
        (b"pcds,laua\n,E08000025\n", "line 2 has a value in pcds that is not a postcode"),
        (b'pcds,laua\nB6 6RT,"E08000025\nB6 6RT,E08000025\n', "line 2 cannot be read as CSV"),
        (b"PK\x03\x04 and no more", "the ZIP is damaged or incomplete"),
    ],
)
def test_a_file_that_is_something_else_is_reported_in_a_sentence(tmp_path: Path, content: bytes, reported: str) -> None:
    path = tmp_path / "given.csv"
    path.write_bytes(content)
    with pytest.raises(DirectoryError) as refused:
        read_release(path)
    sentence = str(refused.value)
    assert sentence.startswith(f"{path} cannot be loaded as a postcode directory: ")
    assert reported in sentence
    assert "; allowed: an ONS Postcode Directory or a National Statistics Postcode Lookup" in sentence
    assert "\n" not in sentence
    # Whatever the file was, its contents are not repeated.
    assert not any(word in sentence for word in ("SMITH", "JOHN", "B6 6RT"))


def test_a_line_is_counted_over_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "given.csv"
    path.write_text("pcds,laua\n" + "B6 6RT,E08000025\n" * 30 + "Leeds,\n", encoding="utf-8")
    monkeypatch.setattr(flows.reference.postcode_releases, "_PIECE", 40)
    with pytest.raises(DirectoryError, match="line 32 has"):
        read_release(path)


def test_no_file_and_a_folder_are_reported(tmp_path: Path) -> None:
    with pytest.raises(DirectoryError, match=r"none\.csv cannot be loaded.*there is no such file"):
        read_release(tmp_path / "none.csv")
    with pytest.raises(DirectoryError, match="it is a folder"):
        read_release(tmp_path)


def test_a_zip_without_a_directory_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DirectoryError, match="it contains no CSV"):
        read_release(folder_of(tmp_path / "a.zip", **{"book.xml": "<a/>"}))
    with pytest.raises(DirectoryError, match="no CSV in it has the columns of a postcode directory"):
        read_release(folder_of(tmp_path / "b.zip", **{"names.csv": "LAD25CD,LAD25NM\nE06000001,Hartlepool\n"}))


def test_a_damaged_zip_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "release.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        file.writestr("NSPL.csv", release(HEADERS["NSPL Nov 2021"]))
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"E08000025", b"E08000026", 1))
    with pytest.raises(DirectoryError, match="the ZIP is damaged or incomplete"):
        read_release(path)


# --- what is kept


def test_a_directory_is_read_as_it_was_written(tmp_path: Path) -> None:
    frame = pl.DataFrame(ANSWERS, schema=["sector", "unit", "authority"], orient="row")
    path = tmp_path / "new" / "directory.parquet"
    write_packed(frame, path, "NSPL May 2025")
    assert read_packed(path).equals(frame)
    assert packed_release(path) == "NSPL May 2025"
    write_packed(frame.head(0), path)
    assert read_packed(path).equals(frame.head(0))
    assert packed_release(path) == ""
    assert [file.name for file in path.parent.iterdir()] == ["directory.parquet"]


def test_a_write_that_fails_leaves_the_last_one_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pl.DataFrame(ANSWERS, schema=["sector", "unit", "authority"], orient="row")
    path = tmp_path / "directory.parquet"
    write_packed(frame, path)
    before = path.read_bytes()

    def half(_frame: pl.DataFrame, file: IO[bytes], **_settings: object) -> None:
        file.write(b"PAR1 half")
        raise OSError("no space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", half)
    with pytest.raises(OSError, match="no space"):
        write_packed(frame.head(1), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_directory_is_on_disk_before_it_takes_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    replace = Path.replace

    def noting(self: Path, target: Path) -> Path:
        steps.append("moved")
        assert self.parent == target.parent
        assert read_packed(target).is_empty()
        assert read_packed(self).height == len(ANSWERS)
        return replace(self, target)

    frame = pl.DataFrame(ANSWERS, schema=["sector", "unit", "authority"], orient="row")
    write_packed(frame.head(0), tmp_path / "directory.parquet")
    monkeypatch.setattr(Path, "replace", noting)
    monkeypatch.setattr("os.fsync", lambda _handle: steps.append("synced"))
    write_packed(frame, tmp_path / "directory.parquet")
    assert steps == ["synced", "moved", "synced"]


def test_other_columns_are_neither_written_nor_read(tmp_path: Path) -> None:
    other = pl.DataFrame({"sector": ["B6 6"], "unit": ["RT"]})
    path = tmp_path / "directory.parquet"
    with pytest.raises(DirectoryError, match="allowed: sector, unit, authority, all text"):
        write_packed(other, path)
    assert list(tmp_path.iterdir()) == []
    other.write_parquet(path)
    with pytest.raises(DirectoryError, match="its columns are sector, unit; allowed"):
        read_packed(path)


def test_a_missing_or_broken_directory_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DirectoryError, match="there is no such file"):
        read_packed(tmp_path / "none.parquet")
    (tmp_path / "half.parquet").write_bytes(SHIPPED.read_bytes()[:1000])
    with pytest.raises(DirectoryError, match="not a complete Parquet file"):
        read_packed(tmp_path / "half.parquet")
