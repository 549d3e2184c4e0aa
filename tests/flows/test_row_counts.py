"""Rows that a mapping's filters remove, and rows without a match, are counted where people look."""

from pathlib import Path

import polars as pl
import pytest

from flows.pipeline.assess import Assessment, load_reference_inputs
from flows.reports.describe_export import describe_export
from flows.reports.summary import as_markdown, as_text, summarise
from schemas.dataset import ENTITIES, TABLE
from tests.support.exports import TWO_CLIENTS, write_export
from tests.support.homes import make_small_home
from tests.support.runs import assess_request, build_request

MAPPING = """
name = "filtered"
location = "export"
[clients]
file = "clients.csv"
by_header = true
where = { Deleted = ["no"] }
[episodes]
file = "episodes.csv"
by_header = true
[episodes.where]
Closed = ["no"]
"site.Kind" = ["a", ""]
[[episodes.join]]
name = "site"
file = "sites.csv"
on = { EPISODID = "Episode" }
where = { Old = ["no"] }
[interventions]
file = "interventions.csv"
by_header = true
"""
LINES = [
    "clients: where removed 1 of 3 rows of clients.csv",
    "episodes: where removed 2 of 4 rows of episodes.csv",
    "episodes: join.where removed 1 of 3 rows of sites.csv",
    # Of the rows that a filter removed, none is among these.
    "episodes: 1 row has no match in sites.csv (join site)",
]


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    """A mapping of an export of two clients, with one more client and two more episodes that filters remove."""
    export = write_export(tmp_path / "export", *TWO_CLIENTS)
    clients = pl.read_csv(export / "clients.csv", infer_schema=False)
    gone = clients.head(1).with_columns(CLIENTID=pl.lit("gone"))
    pl.concat([clients, gone]).with_columns(Deleted=pl.Series(["no", "no", "yes"])).write_csv(export / "clients.csv")
    episodes = pl.read_csv(export / "episodes.csv", infer_schema=False)
    more = [episodes.head(1).with_columns(EPISODID=pl.lit(name)) for name in ("closed", "other")]
    pl.concat([episodes, *more]).with_columns(Closed=pl.Series(["no", "no", "yes", "no"])).write_csv(
        export / "episodes.csv"
    )
    sites = f"Episode,Kind,Old\n{episodes['EPISODID'][0]},a,no\n{episodes['EPISODID'][0]},b,yes\nother,b,no\n"
    (export / "sites.csv").write_text(sites, encoding="utf-8")
    path = tmp_path / "filtered.toml"
    path.write_text(MAPPING, encoding="utf-8")
    return path


def assess_mapping(mapping: Path) -> Assessment:
    return assess_request(build_request(mapping, make_small_home(mapping.parent / "home")))


def test_the_summary_counts_the_rows_that_filters_removed(mapping: Path) -> None:
    summary = summarise(assess_mapping(mapping))
    assert summary.row_counts == tuple(LINES)
    shown = "Rows that the mapping left out or could not join:\n" + "\n".join(f"  {line}" for line in LINES)
    assert shown in as_text(summary)
    assert "\n".join(f"- {line}" for line in LINES) in as_markdown(summary)


def test_every_row_is_counted_once(mapping: Path) -> None:
    """A row is either removed or a record, and each record has one outcome."""
    assessment = assess_mapping(mapping)
    for entity in ENTITIES:
        table = assessment.row_counts[entity][0]
        outcomes = sum(summarise(assessment).counts[entity].values())
        assert outcomes == assessment.submission.read[entity] == table.read - (table.removed or 0)


def test_source_check_counts_them_below_their_table(mapping: Path) -> None:
    request = build_request(mapping, make_small_home(mapping.parent / "home"))
    reported = list(describe_export(request, load_reference_inputs(request)).lines)
    for table in TABLE.values():
        first = next(place for place, line in enumerate(reported) if line.startswith(f"{table}: "))
        own = [f"  {line}" for line in LINES if line.startswith(table)]
        assert reported[first + 1 : first + 1 + len(own)] == own


def test_a_filter_that_removes_nothing_is_reported_and_no_filter_is_not(mapping: Path) -> None:
    mapping.write_text(MAPPING.replace('Deleted = ["no"]', 'Deleted = ["no", "yes"]'), encoding="utf-8")
    assert summarise(assess_mapping(mapping)).row_counts[0] == "clients: where removed 0 of 3 rows of clients.csv"
    plain = assess_request(build_request(mapping.parent / "export", mapping.parent / "home"))
    assert summarise(plain).row_counts == ()
    assert "left out" not in as_text(summarise(plain)) + as_markdown(summarise(plain))
