"""With a key, no byte of the audit, of its log and of its snapshot is readable, and every command works as without."""

from pathlib import Path

import pytest

from flows.audit import database
from flows.audit.runs import find_run
from tests.retention.canaries import find_in_files
from tests.support.command import Command
from tests.support.encryption import KEY, OTHER_KEY, copy_home, use_key

# Ids of the client of all months and of those of one month; a date of birth, which the audit stores as a text, as the
# CSV file has it; a sector of a postcode; and a value that matched no code.
CANARIES = ("COMMONCANARY", "CANARY2023", "1970-01-02", "NR14 7", "UnknownHousingCanary")
FILES = ("audit.duckdb", "audit.duckdb.wal", "audit-snapshot.duckdb")


@pytest.fixture
def landed(encrypted: Path, tmp_path: Path) -> Path:
    return copy_home(encrypted, tmp_path)


def find_readable(home: Path) -> set[str]:
    """Returns which files of the audit contain a canary."""
    return {file for canary in CANARIES for file in find_in_files(home, canary)} & set(FILES)


def test_no_record_is_readable_in_an_encrypted_audit(landed: Path) -> None:
    assert {file.name for file in landed.iterdir()} >= {"audit.duckdb", "audit-snapshot.duckdb"}
    assert find_readable(landed) == set()
    with database.open_read_only(landed) as audit:
        assert audit.execute("select count(*) from sent_rows where CLIENTID like 'COMMON%'").fetchone() == (4,)


@pytest.mark.parametrize("canary", CANARIES)
def test_every_canary_is_readable_without_a_key(plain: Path, canary: str) -> None:
    assert set(find_in_files(plain, canary)) >= {"audit.duckdb", "audit-snapshot.duckdb"}


@pytest.mark.parametrize("key", [KEY, None])
def test_the_log_of_writes_is_encrypted(landed: Path, monkeypatch: pytest.MonkeyPatch, key: str | None) -> None:
    path = database.audit_path(landed)
    if key is None:
        path = landed / "plain.duckdb"
    with database.connect_for_writing(path, key) as audit:
        audit.execute("set checkpoint_threshold = '1TB'")
        audit.execute("create table written as select 'COMMONCANARY' as id")
        log = database.log_path(path).read_bytes()
    assert (b"COMMONCANARY" in log) == (key is None)


@pytest.mark.parametrize("is_encrypted", [True, False])
@pytest.mark.parametrize("key", [KEY, None])
def test_what_is_spilled_to_the_disk_is_encrypted(tmp_path: Path, key: str | None, *, is_encrypted: bool) -> None:
    path = tmp_path / "a.duckdb"
    with database.connect_for_writing(path, key, is_encrypted=is_encrypted) as audit:
        audit.execute("set memory_limit = '60MB'")
        audit.execute("set threads = 1")
        audit.execute("create temp table wide as select 'COMMONCANARY' || i || repeat('x', 200) as x"
                      " from range(500000) as t(i)")  # fmt: skip
        spilled = [file.read_bytes() for file in Path(f"{path}.tmp").iterdir()]
    assert spilled
    assert any(b"COMMONCANARY" in content for content in spilled) == (key is None)


def test_a_reader_spills_nothing(landed: Path) -> None:
    with database.open_read_only(landed) as audit:
        assert audit.execute("select current_setting('temp_directory')").fetchone() == ("",)


def test_the_submission_is_the_same_with_and_without_a_key(encrypted: Path, plain: Path) -> None:
    files = sorted(file.relative_to(encrypted) for file in (encrypted / "submissions").rglob("*.csv"))
    assert files
    for file in files:
        assert (encrypted / file).read_bytes() == (plain / file).read_bytes()


def test_every_command_reads_an_encrypted_audit(landed: Path, ndtms: Command) -> None:
    with database.open_read_only(landed) as audit:
        run = find_run(audit, None)["run_id"]
    for words in (
        ("runs",), ("rejected",), ("findings",), ("status",), ("worklist",), ("quality",), ("changes",),
        ("sql", "select CLIENTID from sent_rows"), ("report", "--run", run), ("upgrade",), ("ask", "rows-lost"),
        ("due", "--agency", "L0001"), ("figures", "--agency", "L0001", "--period", "2023-05"),
    ):  # fmt: skip
        done = ndtms(*words, "--home", landed)
        assert done.code in (0, 3), (words, done.err)


def test_a_client_is_forgotten_in_an_encrypted_audit(
    landed: Path, ndtms: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = ndtms("forget", "--client", "COMMONCANARYC", "--reason", "an order", "--home", landed)
    assert done.code == 0, done.err
    assert find_readable(landed) == set()
    with database.open_read_only(landed) as audit:
        assert audit.execute("select count(*) from sent_rows where CLIENTID like 'COMMON%'").fetchone() == (0,)
    use_key(monkeypatch, None)
    assert ndtms("runs", "--home", landed).code == 2


def test_the_snapshot_without_personal_data_needs_no_key(
    landed: Path, ndtms: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NDTMS_SNAPSHOT", "plain")
    assert ndtms("upgrade", "--home", landed).code == 0
    assert find_readable(landed) == set()
    for key in (KEY, None):
        use_key(monkeypatch, key)
        done = ndtms("sql", "select count(*) as n from runs", "--home", landed, "--format", "csv")
        assert (done.code, done.out) == (0, "n\n4\n"), done.err


@pytest.mark.parametrize("words", [("runs",), ("sql", "from runs"), ("upgrade",)])
@pytest.mark.parametrize(("key", "message"), [
    (None, "is encrypted; set NDTMS_AUDIT_KEY to its key"),
    (OTHER_KEY, "NDTMS_AUDIT_KEY is not the key of this file"),
    ("short", "NDTMS_AUDIT_KEY has 5 characters"),
    ("", "NDTMS_AUDIT_KEY is blank"),
])  # fmt: skip
def test_without_its_key_no_command_reads_an_audit(
    landed: Path, ndtms: Command, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], key: str | None, message: str
) -> None:
    content = database.audit_path(landed).read_bytes()
    use_key(monkeypatch, key)
    done = ndtms(*words, "--home", landed)
    assert done.code == 2
    assert message in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert KEY not in done.err
    assert not key or key not in done.err
    assert database.audit_path(landed).read_bytes() == content


def test_an_encrypted_audit_that_was_changed_is_damaged(landed: Path, ndtms: Command) -> None:
    content = bytearray(database.audit_path(landed).read_bytes())
    for place in range(20_000, len(content), 1_000):
        content[place] ^= 1
    database.audit_path(landed).write_bytes(bytes(content))
    done = ndtms("findings", "--home", landed)
    assert done.code == 2
    assert "the audit is damaged" in done.err


def test_no_file_of_the_home_has_the_key(landed: Path) -> None:
    assert find_in_files(landed, KEY[:20]) == []


def test_one_query_reads_several_encrypted_homes(
    landed: Path, tmp_path: Path, ndtms: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    other = copy_home(landed, tmp_path / "other")
    text = "select home, count(*) as n from sent_rows where CLIENTID like 'COMMON%' group by home order by n, home"
    words = ("sql", text, "--format", "csv", "--homes", landed)
    done = ndtms(*words, "--homes", other)
    assert done.out.splitlines() == ["home,n", *sorted([f"{landed},4", f"{other},4"])], done.err

    # A snapshot without personal data has no key.
    monkeypatch.setenv("NDTMS_SNAPSHOT", "plain")
    assert ndtms("upgrade", "--home", other).code == 0
    assert ndtms(*words, "--homes", other).out.splitlines() == ["home,n", f"{landed},4"]

    use_key(monkeypatch, None)
    refused = ndtms(*words, "--homes", other)
    assert (refused.code, len(refused.err.strip().splitlines())) == (2, 1)
    assert f"{landed}/audit-snapshot.duckdb: this file is encrypted" in refused.err
