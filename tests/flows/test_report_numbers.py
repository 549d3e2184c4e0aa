"""Every number of a report is that of the audit, for generated months: several landed, one run again, one blocked.

`make test-reports` generates thirteen homes of five runs each; `make test` one of them.
"""

import os
import random
import re
from collections.abc import Mapping
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest

from flows.audit import database
from flows.audit.runs import find_run
from flows.reports.html import report
from flows.reports.run_page.heat_map import build_heat_map
from flows.reports.run_page.least_understood import list_least_understood
from flows.reports.run_page.queries import Parts, Row, read_parts
from schemas.rules.catalogue import list_rules
from tests.rules.world import World
from tests.support.exports import write_export
from tests.support.homes import make_small_home
from tests.support.runs import land_export

pytestmark = pytest.mark.slow

FAULTS: tuple[Mapping[str, str], ...] = (
    {}, {}, {"SEX": ""}, {"DOB": "31/02/1980"}, {"CONSENT": "N"}, {"DRUG1": ""}, {"HOUSING": "palace"},
    {"AGNCY": "L0002"}, {"MODAL": ""}, {"ETHNIC": "Cornish"},
)  # fmt: skip
WORLDS = range(7, 7 + int(os.environ.get("NDTMS_WORLDS", "1")))
# The third month is run twice; the last one has no record of the agency with consent.
MONTHS = ("2023-04", "2023-05", "2023-06", "2023-06", "2023-08")


@pytest.fixture(scope="module", params=WORLDS)
def home(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    folder, draw = tmp_path_factory.mktemp("site"), random.Random(request.param)
    home = make_small_home(folder / "home")
    for number, month in enumerate(MONTHS):
        faults = [{"CONSENT": "N"}] * 4 if month == MONTHS[-1] else draw.choices(FAULTS, k=30)
        if month == "2023-05":
            # Missing in April, not in May, missing again in June.
            faults = [fault for fault in faults if "SEX" not in fault]
        worlds = [World(edit=fault, interventions=({"MODID": "N@"},)) for fault in faults]
        land_export(write_export(folder / f"export{number}", *worlds), home, month)
    return home


RUNS = ("L0001-2023-04-1", "L0001-2023-05-1", "L0001-2023-06-2", "L0001-2023-08-1")


@pytest.fixture(params=RUNS)
def run_id(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def parts_of(home: Path, run_id: str) -> tuple[Row, Parts]:
    with database.open_read_only(home) as audit:
        return find_run(audit, run_id), read_parts(audit, run_id)


def ask(home: Path, query: str, **named: object) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home / "audit.duckdb"), read_only=True) as audit:
        return audit.execute(query, named).fetchall()


class Text(HTMLParser):
    """The visible texts of a page, without its style sheet and script."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.is_hidden = False

    def handle_starttag(self, tag: str, _: object) -> None:
        self.is_hidden = tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        if not self.is_hidden and data.strip():
            self.texts.append(" ".join(data.split()))


def read_page(home: Path, run_id: str) -> str:
    parser = Text()
    parser.feed(report(home, run_id)[0])
    return "\n".join(parser.texts)


def test_the_months_are_those_of_month_rates(home: Path, run_id: str) -> None:
    _, parts = parts_of(home, run_id)
    found = [
        (month["period"], month["own"], month["could_be_sent"], month["rejected"], month["withheld"], month["percent"])
        for month in parts["months"]
        if month["run_id"]
    ]
    expected = ask(
        home,
        "select period, own, sent + would_be_sent, rejected, withheld,"
        " round(100.0 * (sent + would_be_sent) / nullif(own, 0), 1)"
        " from month_rates where entity = 'intervention' and period <= $period order by period",
        period=run_id[6:13],
    )
    assert found == expected
    gaps = [month["period"] for month in parts["months"] if not month["run_id"]]
    assert gaps == (["2023-07"] if run_id == RUNS[-1] else [])


def test_the_outcomes_are_those_of_the_records(home: Path, run_id: str) -> None:
    _, parts = parts_of(home, run_id)
    for row in parts["outcomes"]:
        query = "select outcome, count(*) from outcomes where run_id = $run and entity = $entity group by all"
        counted = ask(home, query, run=run_id, entity=row["entity"])
        counts = {str(outcome): int(str(count)) for outcome, count in counted}
        found = [row[name] for name in ("could_be_sent", "rejected", "withheld", "out_of_scope", "dropped")]
        names = ("sent", "rejected", "withheld", "out_of_scope", "dropped")
        assert found == [counts.get(name, 0) for name in names]
        assert row["records"] == sum(counts.values())


def test_the_cascade_is_that_of_rejected_rows(home: Path, run_id: str) -> None:
    _, parts = parts_of(home, run_id)
    expected = ask(
        home,
        "select cause_entity, count(*) from rejected_rows where run_id = $run and entity = 'intervention'"
        " and outcome = 'rejected' group by all order by all",
        run=run_id,
    )
    assert [(row["cause_entity"], row["interventions"]) for row in parts["cascade"] if row["interventions"]] == expected


def test_the_faults_are_those_of_rows_lost(home: Path, run_id: str) -> None:
    _, parts = parts_of(home, run_id)
    found = {(row["rule"], row["cause_entity"], row["only_this"], row["rows_lost"]) for row in parts["do_first"]}
    query = "select rule, cause_entity, only_this, this_and_others from rows_lost where run_id = $run"
    assert found == set(ask(home, query, run=run_id))
    lost = [row["rows_lost"] for row in parts["do_first"]]
    assert lost == sorted(lost, reverse=True)


def test_a_fault_is_as_old_as_its_months_in_a_row(home: Path) -> None:
    _, parts = parts_of(home, RUNS[2])
    for card in parts["do_first"]:
        months = {
            str(period)
            for (period,) in ask(home, "select period from rows_lost where rule = $rule", rule=card["rule"])
            if str(period) <= "2023-06"
        }
        expected = next(
            month for month, before in zip(("2023-06", "2023-05", "2023-04"), ("2023-05", "2023-04", ""), strict=True)
            if before not in months
        )  # fmt: skip
        assert card["since"] == expected, card["rule"]


def test_the_changes_are_those_since_the_month_before(home: Path, run_id: str) -> None:
    _, parts = parts_of(home, run_id)
    found = {(row["rule"], row["new"], row["persisting"], row["resolved"]) for row in parts["changes"]}
    expected = ask(
        home,
        "select rule, count(*) filter (state = 'new'), count(*) filter (state = 'persisting'),"
        " count(*) filter (state = 'resolved') from changes_since_month"
        " where run_id = $run and severity <> 'scope' group by rule",
        run=run_id,
    )
    assert found == (set() if run_id == RUNS[0] else set(expected))
    page = read_page(home, run_id)
    for rule, new, persisting, resolved in found:
        change = new - resolved
        # A rule that has as many new as resolved findings is not in the two lists.
        if change and len(found) <= 12:
            numbers = (f"{'+' if change > 0 else '−'}{abs(change)}", new, persisting, resolved)
            assert re.search(rf"{re.escape(rule)}\n[^\n]+\n" + "\n".join(map(re.escape, map(str, numbers))), page), rule


def test_the_owners_are_those_of_the_question(home: Path, run_id: str) -> None:
    _, parts = parts_of(home, run_id)
    query = (
        "select owner, count(distinct row) from internal.lost_rows join internal.run_rules using (run_id, rule)"
        " where run_id = $run group by owner"
    )
    assert {(row["owner"], row["interventions"]) for row in parts["owners"]} == set(ask(home, query, run=run_id))


def test_the_rules_are_those_of_the_summary_and_the_trend(home: Path, run_id: str) -> None:
    _, parts = parts_of(home, run_id)
    query = "select rule, findings from rule_summary where run_id = $run"
    assert {(row["rule"], row["findings"]) for row in parts["rules"]} == set(ask(home, query, run=run_id))
    query = "select rule, failed, checked, percent_failed, percent_failed_before from rule_trend where run_id = $run"
    trends = {row[0]: row[1:] for row in ask(home, query, run=run_id)}
    for row in parts["rules"]:
        if row["failed"] is not None:
            assert (row["failed"], row["checked"], row["percent"], row["percent_before"]) == trends[row["rule"]]


def test_the_heat_map_is_completeness_by_month(home: Path, run_id: str) -> None:
    _, parts = parts_of(home, run_id)
    found = {tuple(row.values()) for row in parts["completeness"]}
    query = (
        "select period, field, records, populated, understood, percent_populated, percent_understood"
        " from completeness_by_month where period <= $period"
    )
    assert found == set(ask(home, query, period=run_id[6:13]))


def test_the_values_and_differences_are_those_of_the_views(home: Path, run_id: str) -> None:
    _, parts = parts_of(home, run_id)
    query = "select field, value, records, since from unmapped where run_id = $run"
    found = {(row["field"], row["value"], row["records"], row["since"]) for row in parts["unmapped"]}
    assert found == set(ask(home, query, run=run_id))
    query = "select choice, rule, count(*) from mismatches where run_id = $run group by all"
    differences = {(row["choice"], row["rule"], row["differences"]) for row in parts["differences"]}
    assert differences == set(ask(home, query, run=run_id))


def test_the_page_shows_these_numbers(home: Path, run_id: str) -> None:
    run, parts = parts_of(home, run_id)
    page, this = read_page(home, run_id), parts["months"][-1]
    can_be_sent = (
        "would be sent" if run["status"] == "blocked" else "are ready to be sent once the code lists are official"
    )
    assert f"{this['could_be_sent']} of {this['own']} of your interventions {can_be_sent} ({this['percent']}%" in page
    for card in parts["do_first"][:5]:
        assert f"{card['fault']}\n{card['fix']}\nRejects\n{card['rows_lost']}" in page
    for rule in parts["rules"]:
        share = [] if not rule["checked"] else [f"{rule['percent']}%", f"{rule['failed']} of {rule['checked']}"]
        assert "\n".join([str(rule["findings"]), *share]) in page
    for row in parts["unmapped"]:
        assert f"{row['value']}\n{row['records']}" in page


def test_the_details_are_the_differences_of_the_months_table(home: Path, run_id: str) -> None:
    _, parts = parts_of(home, run_id)
    page, this = read_page(home, run_id), parts["months"][-1]
    earlier = [month for month in parts["months"][:-1] if month["run_id"]]
    if not earlier:
        assert "than in" not in page.split("Not ready to be sent")[0]
        return
    for outcome in ("rejected", "withheld"):
        change = this[outcome] - earlier[-1][outcome]
        words = "the same as in" if change == 0 else f"{abs(change)} {'more' if change > 0 else 'fewer'} than in"
        assert re.search(rf"{this[outcome]} (interventions? )?(is|are) {outcome}.*?, {words} [A-Z]", page), outcome


def test_the_heat_map_agrees_with_what_it_shows(home: Path, run_id: str) -> None:
    _, parts = parts_of(home, run_id)
    counted = {(row["field"], row["period"]): row for row in parts["completeness"]}
    periods = [month["period"] for month in parts["months"] if month["run_id"]]
    for field in (field for fields in build_heat_map(parts).tables.values() for field in fields):
        shown = [cell.percent for cell in field.cells]
        for period, cell, before in zip(periods, field.cells, [None, *shown[:-1]], strict=True):
            row = counted[field.header, period]
            assert cell.percent is not None or not row["records"]
            # 100 only if every value was understood.
            assert (cell.percent == 100) == (0 < row["records"] == row["understood"])
            assert cell.fell == (cell.percent is not None and before is not None and cell.percent < before)


def test_a_step_is_the_difference_of_the_shares_that_are_shown(home: Path) -> None:
    _, parts = parts_of(home, RUNS[2])
    page = read_page(home, RUNS[2])
    changed = [rule for rule in parts["rules"] if rule["percent_before"] not in (None, rule["percent"])]
    assert changed
    for rule in changed:
        step = Decimal(str(rule["percent"])) - Decimal(str(rule["percent_before"]))
        words = f"{'up' if step > 0 else 'down'} {abs(step)}\nfrom {rule['percent_before']}%"
        assert f"{rule['percent']}%\n{rule['failed']} of {rule['checked']}\n{words}" in page, rule["rule"]


def test_the_fields_that_are_understood_least_are_named(home: Path) -> None:
    _, parts = parts_of(home, RUNS[2])
    rows = [row for row in parts["completeness"] if row["period"] == "2023-06" and row["populated"]]
    low = sorted(row["understood"] / row["populated"] for row in rows if row["understood"] < 0.9 * row["populated"])
    found = list_least_understood(parts)
    assert [field.understood / field.populated for field in found] == low[:3]
    page = read_page(home, RUNS[2])
    for field in found:
        assert f"(\n{field.header}\n), {field.understood} of {field.populated}" in page


def test_one_word_means_one_thing(home: Path, run_id: str) -> None:
    _, parts = parts_of(home, run_id)
    texts = [str(value) for rows in parts.values() for row in rows for value in row.values()]
    texts += [rule.sentences.fault for rule in list_rules()]
    page = read_page(home, run_id)
    for text in sorted(texts, key=len, reverse=True):
        # The texts of the rules, and the names of commands, have their own words.
        page = page.replace(text, "") if len(text) > 20 else page
    page = page.replace("rows-lost", "")
    for word in ("rows lost", "faults", "previous submission", "earlier submission"):
        assert word not in page.lower(), word


def test_a_blocked_run_is_blocked_in_words(home: Path) -> None:
    page = read_page(home, RUNS[-1])
    assert re.search(
        r"Blocked: 0 of 8 of your interventions would be sent \(0\.0%, down from \d+\.\d% in June\)\.", page
    )
    assert "Next step:" in page


def test_a_run_that_was_run_again_names_its_successor(home: Path) -> None:
    assert "The month was run again later: L0001-2023-06-2 is its current run." in read_page(home, "L0001-2023-06-1")


def test_no_record_is_named(home: Path, run_id: str) -> None:
    ids = "select distinct unnest([client_id, episode_id, intervention_id]) as id from outcomes where run_id = $run"
    named = {str(found) for (found,) in ask(home, f"select id from ({ids}) where id is not null", run=run_id)}
    assert len(named) > 10
    assert named & set(re.findall(r"\w+", read_page(home, run_id))) == set()
