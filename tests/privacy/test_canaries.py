"""No name, full postcode or date of birth of the example in anything that a run writes or prints."""

import csv
import os
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

PROJECT = Path(__file__).parent.parent.parent
EXPORT = PROJECT / "data" / "examples" / "orchard" / "2023-04" / "ORPatient.csv"
EPISODES = EXPORT.with_name("ORSubstanceEpisode.csv")
# A birthday may be some other day of somebody's treatment; who was treated in 2023 was born long before.
FIRST_TREATED = 2010


def column(path: Path, name: str) -> set[str]:
    with path.open(encoding="cp1252", newline="") as handle:
        return {row[name].strip() for row in csv.DictReader(handle, delimiter="|")} - {"", "NULL", "Not recorded"}


def canaries() -> set[str]:
    """Names, full postcodes and birthdays in every form they might be written."""
    names = {name for which in ("GivenName", "FamilyName") for name in column(EXPORT, which) if len(name) > 3}
    postcodes = {text.upper() for text in column(EPISODES, "HomePostcode") if re.fullmatch(_POSTCODE, text.upper())}
    postcodes |= {re.sub(r"\s", "", text) for text in postcodes}
    postcodes = {text for text in postcodes if not text.startswith("ZZ99")}
    born = set()
    for text in column(EXPORT, "BirthDate"):
        try:
            day = datetime.strptime(text[:11], "%d %b %Y")
        except ValueError:
            continue
        if day.year < FIRST_TREATED:
            born |= {day.strftime(form) for form in ("%d %b %Y", "%Y-%m-%d", "%d/%m/%Y", "%Y%m%d")}
    return names | postcodes | born


_POSTCODE = r"[A-Z]{1,2}[0-9][0-9A-Z]?\s*[0-9][A-Z]{2}"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, str]:
    """A home, a Prefect home and the output, after a submission and the questions people ask."""
    home, prefect = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("prefect")
    environment = os.environ | {
        "PREFECT_HOME": str(prefect), "PREFECT_LOGGING_LEVEL": "DEBUG", "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "NDTMS_LOG": str(prefect / "ndtms.log"), "NDTMS_METRICS": str(prefect),
    }  # fmt: skip
    shown = ""
    for command in (
        [
            "submit",
            "--source",
            "orchard",
            "--agency",
            "L0001",
            "--period",
            "2023-04",
            "--extracted-on",
            "2023-05-03",
            "--orchestrate",
        ],
        ["report"],
        ["report", "--for-sharing"],
        ["rejected", "--format", "csv"],
        ["findings", "--format", "json"],
        ["unmapped", "--format", "csv"],
        ["due", "--format", "json"],
        ["releases", "--format", "json"],
        ["transfers", "--format", "json"],
        ["explain", "DOB.date", "--run", "L0001-2023-04-1", "--entity", "client", "--line", "5"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "flows", *command, "--home", str(home)],
            env=environment, capture_output=True, text=True, check=False, cwd=PROJECT,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        shown += done.stdout + done.stderr
    return home, prefect, shown


def found_in(text: str, sought: re.Pattern[str]) -> set[str]:
    return set(sought.findall(text))


def pattern(words: set[str]) -> re.Pattern[str]:
    return re.compile(r"(?<![\w-])(?:" + "|".join(sorted(map(re.escape, words), key=len, reverse=True)) + r")(?![\w-])")


def test_the_canaries_are_many_and_are_found_where_they_are() -> None:
    assert len(canaries()) > 800
    assert len(found_in(EXPORT.read_text(encoding="cp1252"), pattern(canaries()))) > 400


def test_no_output_holds_a_canary(written: tuple[Path, Path, str]) -> None:
    assert found_in(written[2], pattern(canaries())) == set()


def test_no_cell_of_the_audit_holds_a_canary_but_the_birthdays_sent(written: tuple[Path, Path, str]) -> None:
    sought, found = pattern(canaries()), {}
    with duckdb.connect(str(written[0] / "audit.duckdb"), read_only=True) as audit:
        tables = audit.execute(
            "select table_schema || '.' || table_name, column_name from information_schema.columns"
        ).fetchall()
        for table, name in tables:
            if name == "DOB" and table in ("internal.sent_clients", "main.sent_rows"):
                continue
            cells = audit.execute(f'select distinct "{name}"::varchar from {table}').fetchall()
            hits = {hit for (cell,) in cells if cell for hit in found_in(cell, sought)}
            if hits:
                found[f"{table}.{name}"] = hits
    assert found == {}


def test_the_submission_holds_no_canary_but_the_birthdays(written: tuple[Path, Path, str]) -> None:
    sought = pattern(canaries())
    [path] = (written[0] / "submissions").rglob("*.csv")
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) > 600
    # Equal, not at most: birthdays that are not found would mean that nothing is.
    assert {name for row in rows for name, cell in row.items() if found_in(cell, sought)} == {"DOB"}


def test_no_other_file_holds_a_canary(written: tuple[Path, Path, str]) -> None:
    """Names and postcodes in the bytes of any file; birthdays in any but those the audit keeps them in."""
    words, looked_at = canaries(), set()
    for root in written[:2]:
        for path in root.rglob("*"):
            if path.is_file() and path.suffix not in (".csv", ".duckdb"):
                content = path.read_bytes()
                looked_at.add(path.name if content else "")
                # Looked for plainly first: a pattern of a thousand words is slow over megabytes.
                there = {word for word in words if word.encode() in content or word.encode("cp1252") in content}
                assert not there or found_in(content.decode("latin-1"), pattern(there)) == set(), path.name
    assert looked_at >= {
        "L0001-2023-04-1.html", "L0001-2023-04-1-for-sharing.html", "2023-04.html", "prefect.db", "ndtms.log",
        f"ndtms_{written[0].name}.prom",
    }  # fmt: skip
