"""No export can exhaust the machine, and no message holds what may be secret or never ends."""

import gzip
import os
import zipfile
from pathlib import Path

import pytest

from flows.files.archives import unpack
from flows.files.csv import Dialect, read_csv
from flows.files.locations import Location, parse_location, redact_url
from flows.support.errors import InputRefused
from flows.support.limits import Limits
from flows.support.text import join_texts
from tests.support.command import Command
from tests.support.exports import TWO_CLIENTS, write_export

MONTH = ("--agency", "L0001", "--period", "2023-04", "--extracted-on", "2023-05-03")


def test_a_pipe_or_a_device_is_refused(ndtms: Command, tmp_path: Path) -> None:
    export = write_export(tmp_path / "export", *TWO_CLIENTS)
    (export / "clients.csv").unlink()
    os.mkfifo(export / "clients.csv")
    ran = ndtms("check", "--source", export, *MONTH, "--home", tmp_path / "home")
    assert ran.code == 2
    assert ran.err == f"ndtms: {export / 'clients.csv'}: this is a pipe, a socket or a device, but a file is needed\n"
    for words in (
        ("check", "--source", "/dev/zero", *MONTH),
        ("reference", "load", "/dev/zero"),
        ("reference", "postcodes", "/dev/zero"),
        ("source", "new", "/dev/zero"),
    ):
        ran = ndtms(*words, "--home", tmp_path / "home")
        assert (ran.code, ran.err.count("\n")) == (2, 1), ran.err


def test_a_header_of_a_hundred_thousand_columns() -> None:
    header = ",".join(f"column{number}" for number in range(100_000)).encode()
    assert read_csv(header + b"\n", "wide.csv", Dialect()).width == 100_001
    with pytest.raises(InputRefused) as refusal:
        read_csv(b",".join([b"SECRET"] * 100_000) + b"\n1\n", "wide.csv", Dialect())
    assert str(refusal.value) == (
        "wide.csv, line 1: the columns 1, 2, 3, 4, 5 and 99995 more have the same name; each name is allowed once"
    )


def bombs(folder: Path) -> list[Path]:
    zeros = bytes(100 * 2**20)
    (folder / "bomb.csv.gz").write_bytes(gzip.compress(zeros))
    with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.csv", zeros)
    return [folder / "bomb.csv.gz", folder / "bomb.zip"]


def test_archives_are_limited_by_size_and_ratio(tmp_path: Path) -> None:
    for path in bombs(tmp_path):
        content = path.read_bytes()
        with pytest.raises(
            InputRefused, match=r"more than 200 times as large as the archive; raise unpacked_ratio in the sett"
        ):
            unpack(content, path.name)
        with pytest.raises(
            InputRefused, match=r"the table in it is larger than 1MB; raise unpacked_size in the settings"
        ):
            unpack(content, path.name, limits=Limits(unpacked_size="1MB"))
        assert len(unpack(content, path.name, limits=Limits(unpacked_ratio=2000))[0]) == 100 * 2**20
    # The size that an archive states is not trusted.
    lie = bytearray((tmp_path / "bomb.zip").read_bytes())
    for place in (lie.find(b"PK\x03\x04") + 22, lie.find(b"PK\x01\x02") + 24):
        lie[place : place + 4] = (10).to_bytes(4, "little")
    with pytest.raises(InputRefused):
        unpack(bytes(lie), "lie.zip")


def test_dense_archives_of_ordinary_size_are_read() -> None:
    table = b"CLIENTID\n" + b"C1\n" * 100_000
    assert unpack(gzip.compress(table), "clients.csv.gz") == (table, "clients.csv")


@pytest.mark.parametrize(
    "url, shown",
    [
        ("https://host/a/b.csv?token=SECRET#x", "https://host/a/b.csv"),
        ("https://SECRET@host:8080/a", "https://host:8080/a"),
        ("https://user:SECRET@host/a", "https://host/a"),
        ("sftp://SECRET@host/a", "sftp://host/a"),
        ("s3://bucket/key", "s3://bucket/key"),
        ("https://[SECRET", "https://..."),
        ("/a/b?c", "/a/b?c"),
    ],
)
def test_users_and_queries_of_urls_are_never_shown(url: str, shown: str) -> None:
    assert redact_url(url) == shown
    assert str(Location(url)) == shown
    with pytest.raises(InputRefused) as refusal:
        Location("no-such-protocol://SECRET@host/a?b=SECRET").read()
    assert "SECRET" not in str(refusal.value)


def test_a_password_is_refused_unprinted() -> None:
    with pytest.raises(InputRefused) as refusal:
        parse_location("sftp://user:SECRET@host/a")
    assert "SECRET" not in str(refusal.value)


def test_long_lists_in_messages_are_cut(ndtms: Command, tmp_path: Path) -> None:
    assert join_texts(["a", "b", "c"], most=3) == "a, b, c"
    assert join_texts(["a", "b", "c", "d"], most=3) == "a, b, c and 1 more"
    export = write_export(tmp_path / "export", *TWO_CLIENTS)
    clients = export / "clients.csv"
    lines = clients.read_text(encoding="utf-8").splitlines()
    more = [f"extra{number}" for number in range(500)]
    named = [f"{lines[0]},{','.join(more)}", *(f"{line}{',' * 500}" for line in lines[1:])]
    clients.write_text("\n".join(named) + "\n", encoding="utf-8")
    ran = ndtms("check", "--source", export, *MONTH, "--home", tmp_path / "home")
    assert ran.code == 0
    assert ran.out.count("Note: ") <= 21
    assert "480 more columns of this kind" in ran.out


@pytest.mark.parametrize(
    "words",
    [
        ("check", "--source", "{url}", *MONTH), ("source", "check", "{url}"), ("source", "new", "{url}"),
        ("reference", "load", "{url}"), ("reference", "postcodes", "{url}"), ("reference", "format", "{url}"),
        ("check", "--source", "orchard", "--input", "{url}", *MONTH), ("sql", "--file", "{url}"),
        ("replay", "--run", "L0001-2023-04-1", "--input", "{url}"),
    ],
    ids=lambda words: " ".join(words[:2]),
)  # fmt: skip
def test_a_password_in_a_url_is_in_no_message(ndtms: Command, home: Path, words: tuple[str, ...]) -> None:
    ran = ndtms(*(word.replace("{url}", "s3://user:SECRET@bucket/x") for word in words), "--home", home)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "SECRET" not in ran.err
