"""Fixed cases of each list: the day before and after each boundary, and what is not shown."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flows.audit.lists import ListOptions
from flows.audit.queries import Filters
from tests.lists.worlds import Client, Episode, Run, Text, insert, list_rows, open_audit, record_outcome

CLEAN: Mapping[str, Text] = {"INTRCPTD": "2023-01-01", "RECPDT": "2023-01-01", "TRIAGED": "2023-01-02"}
SUBSTITUTION = {"MODAL": "OPIOID-MAINTENANCE-METHADONE", "MODST": "2023-01-10"}
STRUCTURED = {"MODAL": "OTHER-STRUCTURED"}
TRANSFERRED = {**CLEAN, "DISD": "2023-04-01", "DISRSN": "84", "NPSUSE": "N"}
ALL = ListOptions(Filters())


def make_run(fields: Mapping[str, Text], *interventions: Mapping[str, Text], agency: str = "L0001") -> Run:
    """An April run with one client and one episode."""
    items = {f"M{number}": item for number, item in enumerate(interventions)}
    return Run(agency, "2023-04", (Client("C1", (Episode("E1", fields, items),)),))


def list_one(name: str, home: Path, *runs: Run, options: ListOptions = ALL) -> list[dict[str, Any]]:
    """Returns the rows of a list over runs."""
    with open_audit(*runs) as audit:
        rows: list[dict[str, Any]] = list_rows(audit, name, home, options)
    return rows


@pytest.mark.parametrize("name", ["due", "releases", "transfers", "figures"])
def test_an_empty_audit_has_no_rows(tmp_path: Path, name: str) -> None:
    assert list_one(name, tmp_path) == []
    assert list_one(name, tmp_path, Run("L0001", "2023-04", status="blocked")) == []


@pytest.mark.parametrize(
    ("as_of", "state"), [("2023-04-10", "upcoming"), ("2023-04-11", "due"), ("2023-04-12", "overdue")]
)
def test_a_review_is_due_on_the_day_on_which_13_weeks_have_passed(tmp_path: Path, as_of: str, state: str) -> None:
    options = ListOptions(Filters(), date.fromisoformat(as_of))
    [row] = list_one("due", tmp_path, make_run(CLEAN, SUBSTITUTION), options=options)
    assert (row["item"], row["state"], row["due"]) == ("13-week review", state, date(2023, 4, 11))


@pytest.mark.parametrize(
    ("fields", "intervention"),
    [
        ({"CLINREV": "Y"}, {}),
        ({"INTRCPTD": "2022-10-02"}, {}),
        ({}, {"MODEND": "2023-04-10"}),
        ({}, {"MODAL": "OTHER-STRUCTURED"}),
        ({}, {"MODST": None}),
    ],
    ids=["done", "received 91 days before", "ended after 90 days", "no substitution", "not started"],
)
def test_no_review_is_due(tmp_path: Path, fields: Mapping[str, Text], intervention: Mapping[str, Text]) -> None:
    rows = list_one("due", tmp_path, make_run({**CLEAN, **fields}, {**SUBSTITUTION, **intervention}, STRUCTURED))
    assert [row for row in rows if row["item"] == "13-week review"] == []


@pytest.mark.parametrize(("end", "fields"), [("2023-04-10", []), ("2023-04-11", ["CLINREV"])])
def test_the_review_is_asked_for_at_discharge_after_13_weeks(tmp_path: Path, end: str, fields: list[str]) -> None:
    discharged = {**CLEAN, "DISD": "2023-04-20", "DISRSN": "85", "NPSUSE": "N"}
    rows = list_one("due", tmp_path, make_run(discharged, {**SUBSTITUTION, "MODEND": end}))
    assert [field for row in rows for field in row["fields"]] == fields


def test_a_gap_postpones_the_review(tmp_path: Path) -> None:
    parts = ({**SUBSTITUTION, "MODEND": "2023-01-20"}, {**SUBSTITUTION, "MODST": "2023-01-25"})
    [row] = list_one("due", tmp_path, make_run(CLEAN, *parts))
    assert row["due"] == date(2023, 4, 16)


def test_an_exit_without_answers(tmp_path: Path) -> None:
    left = {**TRANSFERRED, "DISRSN": "83", "EXITD": "2023-04-30", "EXITRSN": "R"}
    [row] = list_one("due", tmp_path, make_run(left))
    asked = ["LIVSCRN", "MHTXEXIT", "SENTENCED", "REFHEPCTX", "RECONNECT", "THNALOX", "HOMELESSEXIT", "RTOAGNCY"]
    assert (row["item"], row["state"], row["fields"]) == ("exit questions", "due", asked)
    answered = dict.fromkeys(asked, "N") | {"RTOAGNCY": "STRUCTURED"}
    [row] = list_one("due", tmp_path, make_run({**left, **answered}))
    assert row["fields"] == ["EXITDEST"]


def test_nothing_is_due_in_a_complete_episode(tmp_path: Path) -> None:
    answers = dict.fromkeys(("LIVSCRN", "MHTXEXIT", "SENTENCED", "REFHEPCTX"), "N")
    left = {**TRANSFERRED, **answers, "EXITD": "2023-04-02", "EXITRSN": "T", "EXITDEST": "HMP2"}
    assert (
        list_one("due", tmp_path, make_run(left, {**STRUCTURED, "MODST": "2023-01-03", "MODEND": "2023-04-01"})) == []
    )


def test_a_rejected_intervention_may_go_on(tmp_path: Path) -> None:
    run = make_run(CLEAN, {**STRUCTURED, "MODST": "2023-01-10", "MODEND": "2023-03-01"})
    with open_audit(run) as audit:
        [row] = list_rows(audit, "due", tmp_path, ALL)
        assert (row["item"], row["due"]) == ("episode to close", date(2023, 3, 1))
        record_outcome(audit, entity="intervention", row=900, episode_id="E1", outcome="rejected")
        assert list_rows(audit, "due", tmp_path, ALL) == []


def test_an_episode_without_consent_is_listed(tmp_path: Path) -> None:
    with open_audit(Run("L0001", "2023-04")) as audit:
        record_outcome(audit, entity="episode", row=3, client_id="C9", episode_id="E9", outcome="withheld")
        [row] = list_rows(audit, "due", tmp_path, ALL)
    assert (row["item"], row["state"], row["client_id"], row["source_line"]) == ("consent to seek", "no date", "C9", 4)


ARRIVED = {**CLEAN, "RECPDT": "2023-04-02", "TRIAGED": "2023-04-03"}


@pytest.mark.parametrize(
    ("start", "followed"), [("2023-04-01", "yes"), ("2023-04-22", "yes"), ("2023-04-23", "no"), (None, "no")]
)
def test_a_transfer_is_followed_on_day_21_and_not_on_day_22(tmp_path: Path, start: Text, followed: str) -> None:
    other = make_run(ARRIVED, {**STRUCTURED, "MODST": start}, agency="L0002")
    rows = list_one("transfers", tmp_path, make_run(TRANSFERRED), other)
    assert [(row["agency"], row["followed"]) for row in rows] == [("L0001", followed)]


@pytest.mark.parametrize(
    ("as_of", "other", "reason"),
    [
        ("2023-04-21", make_run(ARRIVED, agency="L0002"), "21 days are not over"),
        ("2023-04-30", Run("L0002", "2023-04"), "not seen"),
        ("2023-04-30", Run("L0002", "2023-03", make_run(ARRIVED).clients), "later month"),
        ("2023-04-30", make_run(ARRIVED, {"MODAL": "QQQ", "MODST": "2023-04-05"}, agency="L0002"), "MODAL"),
        ("2023-04-30", make_run({**ARRIVED, "INTRCPTD": "2023-04-02"}, agency="L0002"), "not seen"),
    ],
)
def test_what_followed_a_transfer_may_not_be_known(tmp_path: Path, as_of: str, other: Run, reason: str) -> None:
    options = ListOptions(Filters("L0001"), date.fromisoformat(as_of))
    [row] = list_one("transfers", tmp_path, make_run(TRANSFERRED), other, options=options)
    assert row["followed"] == "not known"
    assert reason in row["reason"]


@pytest.mark.parametrize("change", [{"DOB": "1980-01-03"}, {"SEX": None}])
def test_another_person_is_not_followed(tmp_path: Path, change: Mapping[str, Text]) -> None:
    episode = Episode("E1", ARRIVED, {"M1": {**STRUCTURED, "MODST": "2023-04-05"}})
    other = Run("L0002", "2023-04", (Client("C1", (episode,), change),))
    [row] = list_one("transfers", tmp_path, make_run(TRANSFERRED), other)
    assert row["followed"] == "not known"


def test_a_client_who_leaves_is_listed_once_with_what_is_missing(tmp_path: Path) -> None:
    left = {**TRANSFERRED, "DISRSN": "83", "EXITD": "2023-04-05", "EXITRSN": "R", "EXITDEST": "E06000001"}
    earlier = {**left, "TRIAGED": "2023-01-01", "DISD": "2023-01-20"}
    run = Run("L0001", "2023-04", (Client("C1", (Episode("E0", earlier), Episode("E1", left))),))
    [row] = list_one("releases", tmp_path, run)
    assert (row["receiving_authority"], row["state"], row["episode_id"]) == ("Hartlepool", "left", "E1")
    assert row["missing"][:2] == ["RTOAGNCY", "LIVSCRN"]
    options = ListOptions(Filters(), date(2023, 4, 4))
    assert list_one("releases", tmp_path, run, options=options)[0]["state"] == "leaves"


@pytest.mark.parametrize(
    ("destination", "to_check"), [("E06000001", ["RTOAGNCY"]), ("NON-NDTMS-SECURE", []), (None, ["RTOAGNCY"])]
)
def test_a_secure_hospital_needs_no_referral(tmp_path: Path, destination: Text, to_check: list[str]) -> None:
    left = {**TRANSFERRED, "DISRSN": "83", "EXITRSN": "R", "RTOAGNCY": "NONE", "EXITDEST": destination}
    [row] = list_one("releases", tmp_path, make_run(left))
    assert row["to_check"] == to_check


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        ({"DISD": "2023-04-01"}, 1),
        ({"DISD": "2023-03-31"}, 0),
        ({"TRIAGED": "2023-04-30"}, 1),
        ({"TRIAGED": "2023-05-01"}, 0),
    ],
)
def test_in_treatment_is_from_triage_to_discharge(tmp_path: Path, fields: Mapping[str, Text], value: int) -> None:
    rows = list_one("figures", tmp_path, make_run({**CLEAN, **fields}))
    assert [(row["value"], row["total"]) for row in rows if row["part"] == "in treatment"] == [(value, 1)]


def test_the_latest_landed_run_counts(tmp_path: Path) -> None:
    old, new = make_run({**CLEAN, "TRIAGED": "2023-05-01"}), make_run(CLEAN)
    blocked, march = Run("L0001", "2023-04", status="blocked"), Run("L0001", "2023-03")
    rows = list_one("figures", tmp_path, march, old, new, blocked)
    assert {row["period"] for row in rows} == {"2023-04"}
    assert [row["value"] for row in rows if row["figure"] == "clients"] == [1, 0]
    options = ListOptions(Filters(period="2023-03"))
    assert {row["period"] for row in list_one("figures", tmp_path, march, new, options=options)} == {"2023-03"}


@pytest.mark.parametrize(("start", "part"), [("2023-04-22", "same journey"), ("2023-04-23", "new journey")])
def test_a_journey_goes_on_up_to_day_21(tmp_path: Path, start: str, part: str) -> None:
    other = make_run(ARRIVED, {**STRUCTURED, "MODST": start}, agency="L0002")
    rows = list_one("figures", tmp_path, make_run(TRANSFERRED), other, options=ListOptions(Filters("L0002")))
    [started] = [row["part"] for row in rows if row["figure"] == "structured treatment started" and row["value"]]
    assert started.startswith(part)


def test_masked_ids_stay_masked(tmp_path: Path) -> None:
    run = make_run({**TRANSFERRED, "EXITD": "2023-04-02"}, STRUCTURED)
    with open_audit(run) as audit:
        for entity, row in (("episode", 2), ("intervention", 200)):
            ids = dict.fromkeys(("client_id", "episode_id", "intervention_id"), "***")
            record_outcome(audit, entity=entity, row=row, outcome="sent", **ids)
        insert(audit, "internal.found", {"run_id": "run0", "entity": "client", "row": 0, "rule": "CLIENT.identifying"})
        for name in ("due", "transfers"):
            rows = list_rows(audit, name, tmp_path, ALL)
            assert {(row["client_id"], row["client"], row["episode_id"]) for row in rows} == {("***", "***", "***")}
            assert {row.get("intervention_id") for row in rows} <= {None, "***"}
