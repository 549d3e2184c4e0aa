"""What is unusual about a month is recorded with its run, and changes nothing else of it."""

from pathlib import Path

import duckdb
import polars as pl
import pytest

from flows.audit import database as audit
from flows.audit.queries import Filters, query_view
from flows.audit.upgrade import create_or_upgrade
from flows.pipeline.settings import Settings
from flows.quality.checked import find_unusual_in_check
from flows.quality.history import MOST_MONTHS, load_history
from flows.quality.record import record_quality
from flows.quality.settings import QualitySettings
from flows.reports.summary import as_markdown, as_text, summarise
from flows.support.arrow_stream import ArrowStream
from tests.quality.generated import Prison, count_sent, generate_prison, months
from tests.rules.world import DISCHARGED, World
from tests.support.exports import ONE_WITHOUT_CONSENT, write_export
from tests.support.homes import SUBMISSION_FILE, make_small_home, query_audit
from tests.support.runs import assess_request, build_request, land_export

pytestmark = pytest.mark.slow
DIED = World(edit={**DISCHARGED, "DISD": "2023-04-12", "DISRSN": "89", "TRIAGED": "2023-01-05"})
SENTENCE = "1 episode of the month ended in a death: confirm each before the file is sent."


def land_prison(home: Path, prison: Prison, number: int, agency: str = "L0001") -> None:
    """Inserts what a prison sends in its first months into the audit, without the counts."""
    create_or_upgrade(home)
    with audit.open_for_writing(home) as connection:
        for place, period in enumerate(months(number)):
            run_id = f"{agency}-{period}-1"
            insert_run(connection, run_id, agency, str(period), place)
            sent = prison.send(period)
            for table, frame in (
                ("internal.sent_clients", sent["client"]),
                ("internal.sent_episodes", sent["episode"].rename({"parent_row": "client_row"})),
                ("internal.sent_interventions", sent["intervention"].rename({"parent_row": "episode_row"})),
            ):
                connection.register("given", ArrowStream(frame.with_columns(run_id=pl.lit(run_id))))
                connection.execute(f"insert into {table} by name select * from given")


def insert_run(
    connection: duckdb.DuckDBPyConnection, run_id: str, agency: str, period: str, place: int, status: str = "landed"
) -> None:
    connection.execute(
        "insert into runs by name select coalesce(max(run_number), 0) + 1 as run_number, ? as run_id, ? as agency,"
        " ? as period, 'R' as dataset, 'test' as source, '' as input_folder, ? as status, now() as started_at,"
        " now() as finished_at, current_date as extracted_on, 0 as rows_sent, [] as provisional_lists,"
        " 'test' as software_version from runs",
        [run_id, agency, period, status],
    )


def test_a_run_records_what_is_unusual_about_its_month(tmp_path: Path) -> None:
    home = make_small_home(tmp_path / "home")
    landed = land_export(write_export(tmp_path / "export", World(), DIED), home)
    assert landed.unusual == (SENTENCE,)
    shown = query_view(home, "quality", Filters())
    assert shown.select("run_id", "agency", "period", "place", "check_name", "found", "months", "text").rows() == [
        (landed.run_id, "L0001", "2023-04", 1, "death", 1.0, 0, SENTENCE)
    ]
    summary = summarise(assess_request(build_request(tmp_path / "export", home)), landed)
    assert f"Worth a look (nothing here blocks or changes the file):\n  {SENTENCE}\n" in as_text(summary)
    assert "Worth a look: 1 (`ndtms quality` shows them)" in as_markdown(summary)
    assert SENTENCE not in as_markdown(summary)


def test_a_blocked_run_has_counts(tmp_path: Path) -> None:
    home = make_small_home(tmp_path / "home")
    landed = land_export(write_export(tmp_path / "export", *ONE_WITHOUT_CONSENT), home)
    assert (landed.status, landed.unusual) == ("blocked", ())
    assert query_audit(home, "select value from month_counts where measure = 'rows'") == [(0.0,)]


def test_the_limits_change_no_byte_of_the_file_and_no_digest(tmp_path: Path) -> None:
    scored = World(edit={"TRIAGED": "2023-04-10", "MODST": "2023-04-12", "AUDIT": "12"})
    export = write_export(tmp_path / "export", scored, DIED)
    homes = [make_small_home(tmp_path / name) for name in ("default", "other")]
    (homes[1] / "settings.toml").write_text("[quality]\nleast_months = 1\naudit_scores = 1\n")
    landed = [land_export(export, home) for home in homes]
    assert [len(run.unusual) for run in landed] == [1, 2], "one score is enough in the other home"
    assert len({(home / SUBMISSION_FILE).read_bytes() for home in homes}) == 1
    manifests = [query_audit(home, "select item, name, digest from manifest order by all") for home in homes]
    assert manifests[0] == manifests[1]
    changed = Settings(quality=QualitySettings(least_months=1))
    assert (changed.digest, changed.changed) == (Settings().digest, {})


def test_a_check_shows_the_same_as_the_run(tmp_path: Path) -> None:
    home = make_small_home(tmp_path / "home")
    assessment = assess_request(build_request(write_export(tmp_path / "export", World(), DIED), home))
    checked = find_unusual_in_check(home, "L0001", "2023-04", assessment.counts, assessment.quality)
    assert not audit.audit_path(home).exists(), "nothing is written"
    shown = as_text(summarise(assessment, unusual=checked))
    assert f"Worth a look (a check does not look for people at other agencies of the home):\n  {SENTENCE}\n" in shown
    assert checked == land_export(tmp_path / "export", home).unusual == (SENTENCE,)


def test_months_that_landed_without_counts_are_counted_from_what_they_sent(tmp_path: Path) -> None:
    prison = generate_prison(1, 5, 3)
    land_prison(tmp_path, prison, 3)
    with audit.open_read_only(tmp_path) as connection:
        history = load_history(connection, tmp_path, "L0001", "2023-04", QualitySettings())
    assert list(history) == ["2023-01", "2023-02", "2023-03"]
    for period in months(3):
        assert history[str(period)].equals(count_sent(prison.send(period), period))


def test_the_latest_landed_run_of_each_of_the_last_twelve_months_counts(tmp_path: Path) -> None:
    create_or_upgrade(tmp_path)
    with audit.open_for_writing(tmp_path) as connection:
        runs = [(f"L0001-{period}-{again}", period, again) for period in months(20) for again in (1, 2, 3)]
        for run_id, period, again in runs:
            insert_run(connection, run_id, "L0001", str(period), again, "landed" if again < 3 else "blocked")
            connection.execute("insert into month_counts values (?, 'rows', '', '', ?)", [run_id, again])
        insert_run(connection, "L0002-2024-01-1", "L0002", "2024-01", 1)
        history = load_history(connection, tmp_path, "L0001", "2024-06", QualitySettings())
    assert len(history) == MOST_MONTHS
    assert (min(history), max(history)) == ("2023-06", "2024-05")
    assert {counts["value"][0] for counts in history.values()} == {2.0}


def count_people(home: Path, here: Prison, there: Prison) -> tuple[dict[str, float], tuple[str, ...]]:
    """Lands three months of two agencies; returns the people found elsewhere in the last, and what is unusual about it.

    The counts have the subject as their key, and `of` for the number of people they are of.
    """
    land_prison(home, there, 3, "L0002")
    land_prison(home, here, 3)
    run_id, month = "L0001-2023-03-1", months(3)[-1]
    with audit.open_for_writing(home) as connection:
        counts = count_sent(here.send(month), month).with_columns(run_id=pl.lit(run_id))
        connection.register("given", ArrowStream(counts))
        connection.execute("insert into month_counts by name select * from given")
        connection.unregister("given")
        # The other agency has no counts of the month, and so nothing that is unusual.
        recorded = record_quality(connection, home, [run_id, "L0002-2023-03-1"], QualitySettings())
    unusual, others = recorded[run_id], recorded["L0002-2023-03-1"]
    assert query_audit(home, "select text from quality order by run_id, place") == [
        (text,) for text in unusual + others
    ]
    rows = query_audit(
        home,
        "select measure, subject, value from month_counts"
        f" where run_id = '{run_id}' and subject like '%elsewhere' order by all",
    )
    return {f"{subject}{str(measure)[6:]}": float(str(value)) for measure, subject, value in rows}, unusual


def change_episodes(prison: Prison, **changes: pl.Expr) -> Prison:
    records = prison.records | {"episode": prison.records["episode"].with_columns(**changes)}
    return Prison(records, prison.is_cumulative)


def shift(column: str, days: int) -> pl.Expr:
    return pl.col(column).str.to_date().dt.offset_by(f"{days}d").dt.to_string("%Y-%m-%d")


def test_people_who_are_open_at_another_agency_are_found(tmp_path: Path) -> None:
    # Both agencies send the same people, so that everyone received here is there too, and most have not left.
    prison = generate_prison(3, 40, 3)
    counts, unusual = count_people(tmp_path, change_episodes(prison, RECPDT=shift("RECPDT", 1)), prison)
    assert 10 < counts["open elsewhere"] < counts["open elsewhere of"]
    assert any("have no exit at another agency of this home where they were before" in text for text in unusual)


def test_people_of_other_agencies_are_not_the_same(tmp_path: Path) -> None:
    counts, unusual = count_people(tmp_path, generate_prison(3, 40, 3), generate_prison(4, 40, 3))
    assert counts["open elsewhere"] == 0
    assert counts["not received elsewhere"] == counts["not received elsewhere of"] > 3, "nobody was received there"
    assert not any("this home" in text for text in unusual), "nothing else is usual"


def test_people_who_were_transferred_to_another_agency_are_received(tmp_path: Path) -> None:
    prison = generate_prison(3, 40, 3)
    counts, _ = count_people(tmp_path, prison, change_episodes(prison, RECPDT=shift("EXITD", 2)))
    assert (counts["not received elsewhere"], counts["not received elsewhere of"] > 3) == (0, True)
