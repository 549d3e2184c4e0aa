"""Whatever is wrong with a file, a home or a query comes to one sentence and exit code 2, never a traceback."""

import codecs
import gzip
import json
import pickle
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

from flows.cli import rules
from flows.files.encodings import is_readable_encoding
from flows.files.isolated_reading import read_parquet, read_workbook
from flows.reference.in_force import digest_path
from flows.reference.numbered_files import find_newest
from flows.support import prefect_server
from flows.support.errors import InputRefused, RunFailed
from flows.support.limits import Limits
from tests.support.command import Command
from tests.support.exports import TWO_CLIENTS, write_export
from tests.support.homes import SUBMISSION_FILE, make_small_home
from tests.support.runs import land_export

MONTH = ("--agency", "L0001", "--period", "2023-04", "--extracted-on", "2023-05-03")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return write_export(tmp_path / "export", *TWO_CLIENTS)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_small_home(tmp_path / "home")


def refusal(ndtms: Command, *words: object) -> str:
    """The sentence that a command is refused with."""
    ran = ndtms(*words)
    assert (ran.code, ran.out) == (2, ""), ran.err
    assert ran.err.startswith("ndtms: ") and ran.err.count("\n") == 1, ran.err
    return ran.err


@pytest.mark.parametrize(
    "query, answer",
    [
        ("select interval 1 month as took", "took\n1 month\n"),
        ("select union_value(number := 2) as either", "either\n2\n"),
        ("select 'infinity'::date as day, date '0044-03-15 (BC)' as ides", "day,ides\ninfinity,0044-03-15 (BC)\n"),
        (
            "select f.*, o.* from (select 1 as a, 2 as b) f join (select 1 as a, 3 as b) o using (a)",
            "a,b,a_1,b_1\n1,2,1,3\n",
        ),
        ("select run_id, finished_at - started_at is null as unknown from runs", "run_id,unknown\n"),
    ],
)  # fmt: skip
def test_types_and_names_that_polars_cannot_hold(
    ndtms: Command, export: Path, home: Path, query: str, answer: str
) -> None:
    land_export(export, home)
    ran = ndtms("sql", query, "--home", home, "--format", "csv")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(answer)


def test_a_panic_of_a_library_is_a_sentence(ndtms: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def panic(*_arguments: object) -> None:
        raise pl.exceptions.PanicException("Canary")

    monkeypatch.setattr(rules, "build_rules_table", panic)
    ran = ndtms("rules", "--home", tmp_path)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("ndtms: PanicException in flows.cli.rules") and "Canary" not in ran.err


def archives(folder: Path) -> Iterator[Path]:
    """Archives that are damaged each in another way."""
    plain = b"CLIENTID\nC1\n" * 200
    methods = {"stored": 0, "deflated": 8, "bzip2": 12, "lzma": 14}
    for name, method in methods.items():
        path = folder / f"{name}.zip"
        with zipfile.ZipFile(path, "w", method) as archive:
            archive.writestr("clients.csv", plain)
        whole = path.read_bytes()
        path.write_bytes(whole[:45] + bytes(25) + whole[70:])
        yield path
    path = folder / "name.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("clients.csv", plain)
    path.write_bytes(path.read_bytes().replace(b"clients.csv", b"cli\xff\xfets.csv"))
    yield path
    for name, content in {
        "cut.gz": gzip.compress(plain)[:-9],
        "none.gz": b"none",
        "empty.gz": b"",
        "empty.zip": b"",
    }.items():
        (folder / name).write_bytes(content)
        yield folder / name


def test_damaged_archives_are_refused_by_name(ndtms: Command, tmp_path: Path, home: Path) -> None:
    for path in archives(tmp_path):
        tables = "".join(
            f'[{name}]\nby_header = true\nfile = "{path.name}"\n' for name in ("clients", "episodes", "interventions")
        )
        mapping = tmp_path / "damaged.toml"
        mapping.write_text(f'name = "damaged"\n{tables}', encoding="utf-8")
        assert path.name in refusal(ndtms, "check", "--source", mapping, *MONTH, "--home", home)


@pytest.mark.parametrize("content", [b"PAR1" + bytes(40) + b"PAR1", b"", b"none", b"PAR1\xff\xff\xff\x7fPAR1"])
def test_a_file_that_is_no_parquet_is_refused_by_name(content: bytes) -> None:
    with pytest.raises(InputRefused, match=r"^odd\.parquet: "):
        read_parquet(content, "odd.parquet")


def test_a_library_that_aborts_ends_another_process_alone(tmp_path: Path) -> None:
    """With so little memory the process that reads cannot even start to."""
    pl.DataFrame({"CLIENTID": ["C1"] * 1000}).write_parquet(tmp_path / "large.parquet")
    content = (tmp_path / "large.parquet").read_bytes()
    with pytest.raises(InputRefused, match=r"^large\.parquet: the file is damaged, or needs more than 10MB of memory"):
        read_parquet(content, "large.parquet", Limits(reading_memory="10MB"))
    with pytest.raises(InputRefused, match=r"^large\.parquet: reading the file took more than 0\.01 seconds"):
        read_parquet(content, "large.parquet", Limits(reading_seconds=0.01))
    with pytest.raises(InputRefused, match=r"^none\.xlsx: the file is not a readable Excel workbook"):
        read_workbook(b"none", "none.xlsx")


def test_damaged_reference_data_are_refused_by_name(ndtms: Command, export: Path, home: Path, tmp_path: Path) -> None:
    lists = home / "reference" / "code-lists-000001.json"
    for content in ("{", "[]", '{"SEX": 1}', '{"SEX": {"status": "published"}}', '{"SEX": {"codes": [1]}}'):
        lists.write_text(content, encoding="utf-8")
        reported = refusal(ndtms, "check", "--source", export, *MONTH, "--home", home)
        assert f"{lists}: the loaded code lists are damaged" in reported
    lists.unlink()
    directory = find_newest(home, "postcodes", ".parquet")
    assert directory is not None
    digest_path(directory).write_text("0" * 64, encoding="utf-8")
    reported = refusal(ndtms, "check", "--source", export, *MONTH, "--home", home)
    assert f"{directory}: the loaded postcode directory is damaged" in reported


@pytest.mark.parametrize(
    "encoding", ["punycode", "idna", "utf-7", "hz", "iso2022_jp", "unicode_escape", "hex", "no such"]
)
def test_an_encoding_that_no_line_can_be_read_in_is_refused(ndtms: Command, tmp_path: Path, encoding: str) -> None:
    (tmp_path / "odd.toml").write_text(f'name = "odd"\nencoding = "{encoding}"\n', encoding="utf-8")
    reported = refusal(ndtms, "check", "--source", tmp_path / "odd.toml", *MONTH, "--home", tmp_path / "home")
    assert f"the encoding {encoding!r} is unknown" in reported


def test_ordinary_encodings_are_allowed() -> None:
    for encoding in (
        "utf-8",
        "UTF8",
        "utf-16",
        "cp1252",
        "latin-1",
        "windows-1252",
        "iso8859-15",
        "mac_roman",
        "cp850",
    ):
        assert is_readable_encoding(encoding), codecs.lookup(encoding).name


@pytest.mark.parametrize("name", ["st*r", "br[a]cket", "o'brien", 'qu"ote', "new\nline", "spa ce", "é漢"])
def test_homes_of_any_name(ndtms: Command, tmp_path: Path, name: str) -> None:
    """Their paths reach DuckDB, polars and globs, which have wildcards."""
    folder = tmp_path / name
    export, home = write_export(_made(folder) / "export", *TWO_CLIENTS), make_small_home(folder / "home")
    source = folder / "{agency}" / "{period}"
    for agency in ("L0001", "L0002"):
        for period in ("2023-04", "2023-05"):
            shutil.copytree(export, folder / agency / period)
    assert ndtms("submit", "--source", export, *MONTH, "--home", home).code == 0
    assert (home / SUBMISSION_FILE).is_file()
    assert ndtms("sql", "select count(*) from sent_rows", "--home", home).code == 0
    ran = ndtms("check", "--source", source, *MONTH, "--home", home)
    assert ran.code == 0, ran.err
    span = ("--from", "2023-04", "--to", "2023-05", "--agency", "L0001", "--workers", "1")
    accepted = ("--accept-same-input", "both months have one export")
    ran = ndtms("backfill", "--source", source, *span, *accepted, "--extracted-on", "2023-06-01", "--home", home)
    assert ran.code == 0, ran.err


def test_a_home_whose_path_duckdb_cannot_open_is_refused(ndtms: Command, export: Path, tmp_path: Path) -> None:
    reported = refusal(ndtms, "submit", "--source", export, *MONTH, "--home", tmp_path / "what?" / "home")
    assert "the path of a home must not contain a question mark" in reported


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def foreign(path: Path) -> None:
    with duckdb.connect(str(path)) as other:
        other.execute("create table runs (distance double)")


def sqlite(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + bytes(4080))


def truncated(path: Path) -> None:
    with duckdb.connect(str(path)) as other:
        other.execute("create table numbers as select * from range(100000)")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize("write", [foreign, sqlite, truncated])
@pytest.mark.parametrize(
    "words",
    [
        ("runs",),
        ("rejected",),
        ("report",),
        ("sql", "select * from runs"),
        ("submit", "--source", "EXPORT", *MONTH),
    ],
)
def test_an_audit_that_is_none(
    ndtms: Command, export: Path, home: Path, write: Callable[[Path], object], words: tuple[str, ...]
) -> None:
    write(home / "audit.duckdb")
    before = (home / "audit.duckdb").read_bytes()
    asked = [str(export) if word == "EXPORT" else word for word in words]
    reported = [line for line in ndtms(*asked, "--home", home).err.splitlines() if "orchestrate" not in line]
    assert len(reported) == 1
    assert "belongs to another program" in reported[0] or "the audit is damaged" in reported[0]
    assert (home / "audit.duckdb").read_bytes() == before


@pytest.mark.parametrize(
    "spoil, sentence",
    [
        (
            lambda home: (home / ".landing").write_text("x"),
            "this is not a directory, but runs are stored in it",
        ),
        (lambda home: _made(home / ".landing").joinpath("notes.txt").touch(), "this is not a run"),
        (lambda home: _made(home / "audit.duckdb"), "this is a directory"),
    ],
)
def test_strangers_in_a_home(
    ndtms: Command, export: Path, home: Path, spoil: Callable[[Path], object], sentence: str
) -> None:
    spoil(home)
    ran = ndtms("submit", "--source", export, *MONTH, "--home", home)
    assert ran.code == 2
    assert sentence in ran.err.splitlines()[-1]


def test_a_hidden_file_where_runs_wait_is_left_alone(ndtms: Command, export: Path, home: Path) -> None:
    (_made(home / ".landing") / ".DS_Store").touch()
    assert ndtms("submit", "--source", export, *MONTH, "--home", home).code == 0
    assert (home / ".landing" / ".DS_Store").exists()


def test_a_snapshot_that_cannot_be_renewed_keeps_no_run_from_landing(ndtms: Command, export: Path, home: Path) -> None:
    (home / "audit-snapshot.duckdb").mkdir()
    ran = ndtms("submit", "--source", export, *MONTH, "--home", home)
    assert ran.code == 0
    assert "the snapshot of the audit could not be renewed" in ran.err


def test_a_prefect_server_that_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.settings import PREFECT_API_URL, temporary_settings

    monkeypatch.setattr(prefect_server, "_SECONDS_TO_START", 0.0)
    sentence = "the Prefect server of this command did not answer within 0 seconds"
    # Another test of this process may have one running.
    with (
        temporary_settings(restore_defaults={PREFECT_API_URL}),
        pytest.raises(RunFailed, match=sentence),
        prefect_server.prefect_server(),
    ):
        raise AssertionError("it answered")


def test_whoever_reads_the_output_may_stop(export: Path, home: Path) -> None:
    land_export(export, home)
    done = subprocess.run(
        f"{sys.executable} -m flows sql 'select * from range(200000)' --home {home} --format csv | head -n 1",
        shell=True, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("range\n", "")


def test_a_loaded_list_that_is_whole_is_read(home: Path, ndtms: Command, tmp_path: Path) -> None:
    """The refusals above do not come from a file that is never read."""
    table = tmp_path / "lists.csv"
    table.write_text(
        "list,code,label,concept,status,source,valid_from,valid_to\nPRISON,FWR,Thornwick,,published,me,,\n"
    )
    assert ndtms("reference", "load", table, "--home", home).code == 0
    assert json.loads((home / "reference" / "code-lists-000001.json").read_text())["PRISON"]["status"] == "published"


def test_a_refusal_has_one_line_whatever_it_names() -> None:
    refusal = InputRefused("a\nfile\x1b[2J\x85: unknown")
    assert str(refusal) == "a\\nfile\\x1b[2J\\x85: unknown"
    assert str(pickle.loads(pickle.dumps(refusal))) == str(refusal)
