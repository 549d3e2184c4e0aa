"""The same month, however it comes, is the same file."""

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import adbc_driver_postgresql.dbapi
import fsspec
import polars as pl
import pytest

from flows.files.locations import Location, parse_location
from flows.support.errors import InputRefused, SourceUnreadable
from schemas.dataset import ENTITIES, TABLE
from tests.intake.servers import postgresql, s3, sftp
from tests.rules.world import World
from tests.support.exports import write_export
from tests.support.homes import SUBMISSION_FILE, make_small_home
from tests.support.requests import submission_request
from tests.support.runs import STARTED_AT, assess_request

WORLDS = (World(), World(edit={"CMSID": 'a "quoted", long\nname', "HOUSING": "1"}), World(edit={"DOB": "31/02/1980"}))


def tables(folder: Path) -> dict[str, pl.DataFrame]:
    """The three tables of the month, as text."""
    plain = write_export(folder, *WORLDS)
    return {TABLE[entity]: pl.read_csv(plain / f"{TABLE[entity]}.csv", infer_schema=False) for entity in ENTITIES}


def typed(table: pl.DataFrame) -> pl.DataFrame:
    """The same with days and numbers as such, where a whole column is."""
    for name in ("TRIAGED", "RECPDT", "INTRCPTD", "MODST"):
        if name in table.columns:
            table = table.with_columns(pl.col(name).str.to_date("%Y-%m-%d"))
    return table


def mapping(folder: Path, file: Callable[[str], str], location: str = ".", more: str = "") -> Path:
    lines = [f'name = "formats"\nlocation = "{location}"\n{more}']
    lines += [f"[{name}]\nby_header = true\n{file(name)}\n" for name in TABLE.values()]
    path = folder / "formats.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def submitted(source: Path, home: Path) -> bytes:
    """The submission file that a source comes to."""
    from flows.landing.commit import land
    from flows.landing.home import locked_home

    request = submission_request(str(source), "2023-04", agency="L0001", extracted_on="2023-05-03", home=home)
    with locked_home(home):
        land(assess_request(request), STARTED_AT)
    return (home / SUBMISSION_FILE).read_bytes()


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("plain")
    return submitted(write_export(folder / "export", *WORLDS), make_small_home(folder / "home"))


def write_tsv_gz(table: pl.DataFrame, path: Path) -> None:
    path.write_bytes(gzip.compress(table.write_csv(separator="\t").encode()))


def write_zip(table: pl.DataFrame, path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("inside.csv", table.write_csv())


def write_utf_16(table: pl.DataFrame, path: Path) -> None:
    path.write_bytes(table.write_csv().encode("utf-16"))


WRITERS: dict[str, Callable[[pl.DataFrame, Path], object]] = {
    "csv": lambda table, path: table.write_csv(path),
    "tsv.gz": write_tsv_gz,
    "zip": write_zip,
    "utf16.csv": write_utf_16,
    "xlsx": lambda table, path: typed(table).write_excel(path),
    "parquet": lambda table, path: typed(table).write_parquet(path),
}


@pytest.mark.parametrize("ending", WRITERS)
def test_a_month_is_the_same_in_every_format(ending: str, expected: bytes, tmp_path: Path) -> None:
    for name, table in tables(tmp_path / "plain").items():
        WRITERS[ending](table, tmp_path / f"{name}.{ending}")
    source = mapping(tmp_path, lambda name: f'file = "{name}.{ending}"')
    assert submitted(source, make_small_home(tmp_path / "home")) == expected


def test_a_month_from_postgresql_is_the_same(expected: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with postgresql(tmp_path / "server") as uri:
        with adbc_driver_postgresql.dbapi.connect(uri) as connection, connection.cursor() as cursor:
            for name, table in tables(tmp_path / "plain").items():
                kinds = [
                    f"{json.dumps(column)} {'date' if dtype == pl.Date else 'text'}"
                    for column, dtype in typed(table).schema.items()
                ]
                cursor.execute(f"create table {name} ({', '.join(kinds)})")
                for row in table.rows():
                    values = ", ".join("null" if cell is None else "'" + cell.replace("'", "''") + "'" for cell in row)
                    cursor.execute(f"insert into {name} values ({values})")
            connection.commit()
        monkeypatch.setenv("WARD_DATABASE", uri)
        source = mapping(
            tmp_path, lambda name: f'query = "select * from {name}"', more='database = "env:WARD_DATABASE"'
        )
        assert submitted(source, make_small_home(tmp_path / "home")) == expected
        where = 'database = "env:WARD_DATABASE"'
        broken = mapping(tmp_path, lambda name: 'query = "select it from nowhere"', more=where)
        with pytest.raises(
            InputRefused, match=r'of env:WARD_DATABASE is wrong: relation "nowhere" does not exist'
        ) as ref:
            submitted(broken, make_small_home(tmp_path / "other"))
        assert not isinstance(ref.value, SourceUnreadable)
        # The server has no such user.
        monkeypatch.setenv("WARD_DATABASE", uri.replace("ndtms@", "nobody@"))
        with pytest.raises(InputRefused, match="refused the connection; check the user") as ref:
            submitted(source, make_small_home(tmp_path / "third"))
        assert not isinstance(ref.value, SourceUnreadable)


def test_a_database_that_the_environment_does_not_have_is_refused(tmp_path: Path) -> None:
    source = mapping(tmp_path, lambda name: 'query = "select 1"', more='database = "env:NO_SUCH_VARIABLE"')
    with pytest.raises(InputRefused, match="the environment variable NO_SUCH_VARIABLE is not set"):
        submitted(source, make_small_home(tmp_path / "home"))


def test_a_month_from_s3_is_the_same(expected: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with s3(monkeypatch) as options:
        monkeypatch.setenv("NDTMS_S3_OPTIONS", json.dumps(options))
        system = fsspec.filesystem("s3", skip_instance_cache=True, use_listings_cache=False, **options)
        system.mkdir("exports")
        for name, table in tables(tmp_path / "plain").items():
            with system.open(f"exports/2023-04/{name}.csv", "wb") as handle:
                handle.write(table.write_csv().encode())
        source = mapping(tmp_path, lambda name: f'file = "{name}.csv"', "s3://exports/{period}")
        assert submitted(source, make_small_home(tmp_path / "home")) == expected
        assert [place.name for place in parse_location("s3://exports/2023-04").matching("c*.csv")] == ["clients.csv"]


def test_a_month_from_sftp_is_the_same(expected: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with sftp(tmp_path / "server") as (start, options):
        monkeypatch.setenv("NDTMS_SFTP_OPTIONS", json.dumps(options))
        (tmp_path / "drop").mkdir()
        for name, table in tables(tmp_path / "plain").items():
            table.write_csv(tmp_path / "drop" / f"{name}.csv")
        source = mapping(tmp_path, lambda name: f'file = "{name}.csv"', f"{start}{tmp_path}/drop")
        assert submitted(source, make_small_home(tmp_path / "home")) == expected


def test_a_host_whose_key_is_not_known_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with sftp(tmp_path / "server") as (start, options):
        (tmp_path / "nobody").touch()
        monkeypatch.setenv("NDTMS_SFTP_OPTIONS", json.dumps(options | {"known_hosts": str(tmp_path / "nobody")}))
        with pytest.raises(SourceUnreadable, match="it cannot be accessed"):
            parse_location(f"{start}{tmp_path}").exists()


def test_a_file_whose_marker_is_missing_is_not_taken(tmp_path: Path) -> None:
    for name, table in tables(tmp_path / "plain").items():
        table.write_csv(tmp_path / f"{name}.csv")
    source = mapping(tmp_path, lambda name: f'file = "{name}.csv"\nmarker = ".done"')
    with pytest.raises(SourceUnreadable, match=r"its marker file \w+\.csv\.done is missing"):
        submitted(source, make_small_home(tmp_path / "home"))


def test_a_file_that_grows_while_it_is_read_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "clients.csv"
    path.write_bytes(b"CLIENTID\nC1\n")
    sizes = iter([12, 20])
    monkeypatch.setattr("flows.files.locations._read_state", lambda _system, _path: (next(sizes), ""))
    with pytest.raises(SourceUnreadable, match="still being written"):
        Location(str(path)).read()


@pytest.mark.parametrize(
    ("archive", "expected_text"),
    [
        ({}, "the archive contains 0 files"),
        ({"a.csv": "x", "b.csv": "y"}, "the archive contains 2 files"),
        (None, "the file is damaged, or is not a ZIP archive"),
    ],
)
def test_archives_that_are_refused(tmp_path: Path, archive: dict[str, str] | None, expected_text: str) -> None:
    path = tmp_path / "clients.zip"
    if archive is None:
        path.write_bytes(b"PK\x03\x04 no more")
    else:
        with zipfile.ZipFile(path, "w") as file:
            for name, text in archive.items():
                file.writestr(name, text)
    source = mapping(tmp_path, lambda name: 'file = "clients.zip"')
    with pytest.raises(InputRefused, match=expected_text):
        submitted(source, make_small_home(tmp_path / "home"))


@pytest.mark.parametrize("ending", ["xlsx", "parquet", "csv.gz"])
def test_what_is_none_of_its_kind_is_refused(tmp_path: Path, ending: str) -> None:
    (tmp_path / f"clients.{ending}").write_bytes(b"CLIENTID\nC1\n")
    source = mapping(tmp_path, lambda name: f'file = "clients.{ending}"')
    with pytest.raises(InputRefused, match=rf"clients\.{ending}: the (file|gzip file) is"):
        submitted(source, make_small_home(tmp_path / "home"))


@pytest.mark.parametrize("url", ["sftp://me:secret@host/x", "s3://key:secret@bucket/x"])
def test_a_password_in_a_place_is_refused_and_not_repeated(url: str, tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="credentials come from the environment") as caught:
        parse_location(url)
    assert "secret" not in str(caught.value)
    source = mapping(tmp_path, lambda name: f'file = "{name}.csv"', url)
    with pytest.raises(InputRefused, match="location contains a password") as again:
        submission_request(str(source), "2023-04", home=tmp_path)
    assert "secret" not in str(again.value)
