"""Writes the third example: two months of a fictional system that exports its database, table by table.

'Harbour Health Records' does not exist, and its people are fictional: they are some of those of the
first example (make_orchard.py), as another system would store them.  The export is a normalised
database.  It has a row for each answer, each movement and each address, and no table has the fields
of an episode as columns.  So the mapping data/sources/harbour.toml uses SQL.

The tables contain what such tables contain: test patients, merged patients, rows that are marked as
deleted, answers that were given twice, moments in other time zones, words for a blank value.  A month
continues the month before: ids stay the same, and new answers are added to the old ones.

    python data/examples/make_harbour.py [--out DIR]

Postcodes: Source: Office for National Statistics licensed under the Open Government Licence v.3.0.
Contains OS data © Crown copyright and database right 2025.  Contains Royal Mail data © Royal Mail
copyright and database right 2025.
"""

import argparse
import csv
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import partial
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

SEED = 20230404
HERE = Path(__file__).parent
# The month after each exported month is read too: the movements are more up to date than the rest.
LAST_DAYS = {"2023-04": date(2023, 4, 30), "2023-05": date(2023, 5, 31), "2023-06": date(2023, 6, 30)}
EXPORTED = ("2023-04", "2023-05")
MADE_AFTER = timedelta(days=2)
PATIENTS_PER_SITE = 60
SITES = {"Fairwater": "S1", "Stonebeck": "S2", "Training": "S9"}

Row = dict[str, str]

# Field of the dataset: question of Harbour.  DISABLE and EHCS are the answers with several values.
QUESTIONS = {
    "CONSENT": "consent", "SEXUALO": "sexuality", "PREGNANT": "pregnant", "RELIGION": "religion",
    "DISABLE": "disabilities", "HOUSING": "housing", "DOMVIC": "abuse by others", "DOMPER": "abuse of others",
    "TSLPE": "last paid work", "VETERAN": "armed forces", "PARENT": "parental responsibility",
    "PRNTSTAT": "children at home", "CHILDWTH": "children in household", "EHCS": "family support",
    "ALCDDAYS": "drinking days", "ALCUNITS": "drinking units", "INJSTAT": "injecting",
    "DUALDIAG": "mental health need", "MHTINT": "mental health care before", "SEXWORK": "paid for sex",
    "NPSUSE": "spice", "CLINREV": "13-week review", "LIVSCRN": "liver referral",
    "REFHEPCTX": "hepatitis C referral", "REFHEPCTXDT": "hepatitis C referral date",
}  # fmt: skip
SEVERAL = {"DISABLE": ("DISABLE1", "DISABLE2", "DISABLE3"), "EHCS": ("EHCS", "EHCS2", "EHCS3")}
# Kind of test: the field of the result, and the field of the day if the dataset has one.
TESTS = {
    "AUDIT": ("AUDIT", ""), "Hepatitis B": ("HEPBSTAT", ""), "Hepatitis C": ("HEPCSTAT", "HEPCTSTD"),
    "HIV": ("HIVSTAT", "HIVTESTDT"),
}  # fmt: skip
DISCHARGE = {
    "DISRSN": "reason", "SENTENCED": "sentence_status", "MHTXEXIT": "mental_health_care",
    "RECONNECT": "through_the_gate", "THNALOX": "naloxone", "HOMELESSEXIT": "homeless_on_release",
    "RTOAGNCY": "onward_referral",
}  # fmt: skip
BLANK_WORDS = ("", "Not asked", "Unknown")


# --- The first example, in Harbour's words ---------------------------------------------------------


@dataclass(frozen=True)
class Month:
    """What the first example contains for one month: the records by their ids."""

    last_day: date
    clients: dict[str, Row]
    episodes: dict[str, Row]
    interventions: dict[str, Row]


@dataclass(frozen=True)
class Export:
    """One export: the months up to the one that is exported, and the month after it."""

    months: list[Month]
    coming: Month
    # The episodes whose rows are stored under an old id of a merged patient, with the client.
    merged: dict[str, str]

    @property
    def now(self) -> Month:
        """The month that is exported."""
        return self.months[-1]

    def find_owner(self, episode: str) -> str:
        """Returns the id of the patient that the rows of an episode are stored under."""
        client = self.now.episodes[episode]["CLIENTID"]
        return make_id("patient", f"{client}/old" if episode in self.merged else client)


def read_mapping(name: str) -> dict[str, Any]:
    """Reads a mapping of data/sources."""
    return tomllib.loads((HERE.parent / "sources" / f"{name}.toml").read_text(encoding="utf-8"))


def read_records(entity: str, id_field: str, month: str) -> dict[str, Row]:
    """Reads a table of the first example: its rows by id, with the headers of the dataset."""
    # The mappings translate the words already: Orchard's to the dataset, and Harbour's read backwards.
    table, codes = read_mapping("orchard")[entity], read_mapping("harbour")[entity]["codes"]
    words = {header: {code: word for word, code in values.items()} for header, values in codes.items()}
    records: dict[str, Row] = {}
    with (HERE / "orchard" / month / table["file"]).open(encoding="cp1252", newline="") as handle:
        for line in csv.DictReader(handle, delimiter="|"):
            row = {}
            for header, column in table["columns"].items():
                text = "" if line[column].strip() in {"NULL", "Not recorded"} else line[column].strip()
                code = table["codes"].get(header, {}).get(text, text)
                row[header] = words.get(header, {}).get(code, code)
            # A database has one row for each id, so only the first of repeated records is used.
            if row[id_field]:
                records.setdefault(row[id_field], row)
    return records


def choose_clients(clients: dict[str, Row]) -> set[str]:
    """Returns the ids of the clients of this example, equally many of each site."""
    in_order = sorted(clients, key=lambda key: make_id("chosen", key))
    by_site = {site: [key for key in in_order if clients[key]["AGNCY"] == site] for site in SITES}
    return {key for keys in by_site.values() for key in keys[:PATIENTS_PER_SITE]}


def read_months() -> list[Month]:
    """Reads the months of the first example, with the chosen clients only."""
    tables = (("clients", "CLIENTID"), ("episodes", "EPISODID"), ("interventions", "MODID"))
    everything = {month: [read_records(*table, month) for table in tables] for month in LAST_DAYS}
    chosen = choose_clients(everything[EXPORTED[-1]][0])
    months = []
    for month, (clients, episodes, interventions) in everything.items():
        some = {key: row for key, row in clients.items() if key in chosen}
        theirs = {key: row for key, row in episodes.items() if row["CLIENTID"] in some}
        items = {key: row for key, row in interventions.items() if row["EPISODID"] in theirs}
        months.append(Month(LAST_DAYS[month], some, theirs, items))
    return months


def find_merged(first: Month) -> dict[str, str]:
    """Returns the first episode of some clients with several episodes, with the client."""
    episodes: dict[str, list[str]] = {}
    for key, row in first.episodes.items():
        episodes.setdefault(row["CLIENTID"], []).append(key)
    several = sorted(client for client, keys in episodes.items() if len(keys) > 1)
    triages = {key: read_day(row["TRIAGED"]) or date.max for key, row in first.episodes.items()}
    return {min(episodes[client], key=triages.__getitem__): client for client in several[::4]}


# --- Ids, days and moments -------------------------------------------------------------------------


def make_id(table: str, key: str) -> str:
    """Returns the id of a row: without meaning, and the same in every month."""
    return sha256(f"{SEED}/{table}/{key}".encode()).hexdigest()[:8]


def draw(*key: str) -> Random:
    """Returns the random numbers of one row: the same in every month, whatever else is drawn."""
    return Random("/".join((str(SEED), *key)))


def read_day(text: str) -> date | None:
    """Parses a day of the first example, without its time; None if it is not a whole date."""
    try:
        return datetime.strptime(text[:11], "%d %b %Y").date()
    except ValueError:
        return None


def format_day(text: str, form: str = "%Y-%m-%d") -> str:
    """Returns a day of the first example in another form; a text that is not a whole date stays as it is."""
    day = read_day(text)
    return day.strftime(form) if day else text


def is_summer(day: date) -> bool:
    """Returns whether London has summer time on that day, which is not the day of a change."""
    march, october = date(day.year, 3, 31), date(day.year, 10, 31)
    last_sundays = [end - timedelta(days=(end.weekday() + 1) % 7) for end in (march, october)]
    return last_sundays[0] < day < last_sundays[1]


def format_moment(day: date, rng: Random, first: int = 8, last: int = 17) -> str:
    """Returns a moment of that day in London, as a server or a device in another time zone writes it."""
    # Close to midnight, the day in another time zone is not the day in London.
    hour = rng.choice((0, 23)) if (first, last) == (8, 17) and rng.random() < 0.2 else rng.randint(first, last)
    london = timezone(timedelta(hours=int(is_summer(day))))
    moment = datetime.combine(day, time(hour, rng.randrange(60)), london)
    zone = rng.choices((london, UTC, timezone(timedelta(hours=2))), (60, 25, 15))[0]
    return moment.astimezone(zone).isoformat().replace("+00:00", "Z")


def format_moment_of(text: str, rng: Random, first: int = 8, last: int = 17) -> str:
    """As `format_moment`, of a day of the first example; a text that is not a whole date stays as it is."""
    day = read_day(text)
    return format_moment(day, rng, first, last) if day else text


def shift(text: str, days: int) -> str:
    """Returns a day of the first example moved by some days; a text that is not a whole date stays as it is."""
    day = read_day(text)
    return (day + timedelta(days=days)).strftime("%d %b %Y") if day else text


# --- Sites and patients ----------------------------------------------------------------------------


def list_sites(_: Export) -> Iterator[Row]:
    """Yields the two prisons, and the site on which staff practise."""
    for name, key in SITES.items():
        yield {"site_id": key, "name": name, "is_training": str(int(name == "Training"))}


def list_patients(export: Export) -> Iterator[Row]:
    """Yields the patients, and with them the test patients, merged patients and deleted patients."""
    clients = sorted(export.merged.values())
    for key, client in export.now.clients.items():
        patient = build_patient(key, client)
        if key in clients:
            # The old id of every third patient was merged twice.
            yield from build_old_ids(key, patient, is_chain=clients.index(key) % 3 == 0)
            # This answer is stored with the old id only.
            patient["ethnicity"] = ""
        yield patient
        if draw("twice", key).random() < 0.03:
            yield {**patient, "patient_id": make_id("patient", f"{key}/twice"), "is_deleted": "1"}
    for site in SITES:
        blank = dict.fromkeys(("CLIENT", "DOB", "ETHNIC", "NATION"), "")
        test = {**blank, "AGNCY": site, "FORENAME": "Test", "SURNAME": "Do-Not-Use", "SEX": "1"}
        yield {**build_patient(f"test {site}", test), "is_test": "1"}


def build_patient(key: str, client: Row) -> Row:
    """Returns the row of one patient."""
    rng = draw("patient", key)
    return {
        "patient_id": make_id("patient", key),
        "site_id": SITES[client["AGNCY"]],
        "prison_number": client["CLIENT"],
        "first_name": client["FORENAME"],
        "last_name": client["SURNAME"],
        "born_on": format_day(client["DOB"]),
        "sex": client["SEX"],
        "ethnicity": client["ETHNIC"] or rng.choice(BLANK_WORDS),
        "birth_country": client["NATION"] or rng.choice(BLANK_WORDS),
        "registered_at": format_moment(date(2022, 8, 1) + timedelta(days=rng.randrange(30)), rng),
        "is_test": "0",
        "merged_into": "",
        "is_deleted": "0",
    }


def build_old_ids(key: str, patient: Row, is_chain: bool) -> Iterator[Row]:
    """Yields the old ids of a merged patient: one, or one that was merged into another."""
    into = patient["patient_id"]
    if is_chain:
        into = make_id("patient", f"{key}/between")
        yield {**patient, "patient_id": into, "ethnicity": "Unknown", "merged_into": patient["patient_id"]}
    yield {**patient, "patient_id": make_id("patient", f"{key}/old"), "merged_into": into}


def list_addresses(export: Export) -> Iterator[Row]:
    """Yields the addresses of each patient; an episode has the one on the day of its triage."""
    latest: dict[str, Row] = {}
    by_triage = sorted(export.now.episodes.items(), key=lambda item: (str(read_day(item[1]["TRIAGED"])), item[0]))
    for key, episode in by_triage:
        rng, client = draw("address", key), episode["CLIENTID"]
        before = latest.get(client)
        home = {"postcode": episode["PC"], "benefits_area": episode["NFA_UTLA"]}
        if not episode["PC"] or not read_day(episode["TRIAGED"]) or (before and home.items() <= before.items()):
            continue
        since = format_day(shift(episode["TRIAGED"], -rng.randint(0, 4)), "%d-%m-%Y")
        address = {"address_id": make_id("address", key), "patient_id": export.find_owner(key), **home}
        address |= {"valid_from": since, "valid_to": "", "is_deleted": "0"}
        if before:
            yield {**before, "valid_to": since}
        elif rng.random() < 0.3:
            earlier = format_day(shift(episode["TRIAGED"], -rng.randint(200, 900)), "%d-%m-%Y")
            first = {"address_id": make_id("address", f"{key}/1"), "valid_from": earlier, "valid_to": since}
            yield {**address, **first, "postcode": "ZZ99 3VZ"}
        if rng.random() < 0.05:
            yield {**address, "address_id": make_id("address", f"{key}/2"), "postcode": "TS1 2RT", "is_deleted": "1"}
        latest[client] = address
    yield from latest.values()


# --- Movements -------------------------------------------------------------------------------------


def list_movements(export: Export) -> Iterator[Row]:
    """Yields receptions, transfers and releases, up to the day of the export."""
    rows = (row for key in export.now.episodes for row in build_movements(export, key))
    # The episodes of one stay have the same movements.
    yield from {row["movement_id"]: row for row in rows}.values()


def build_movements(export: Export, key: str) -> Iterator[Row]:
    """Yields the movements of the stay of an episode."""
    episode = export.now.episodes[key]
    site = export.now.clients[episode["CLIENTID"]]["AGNCY"]
    build = partial(build_movement, episode, find_owner_of_stay(export, key))
    received, arrived = read_day(episode["INTRCPTD"]), read_day(episode["RECPDT"])
    is_direct = received == arrived
    if episode["INTRCPTD"]:
        place, at_site = ("Court", site) if is_direct else (episode["PRISON"], "")
        yield build("In", "Reception", episode["INTRCPTD"], place, at_site)
    if episode["RECPDT"] and not is_direct:
        yield build("In", "Transfer in", episode["RECPDT"], episode["PRISON"], site)
    left = find_departure(export, key)
    day = read_day(left["EXITD"])
    if day:
        # In the evening, if the client arrived on the same day.
        hours = (21, 22) if day == arrived else (8, 17)
        departure = build("Out", left["EXITRSN"], left["EXITD"], left["EXITDEST"], site, hours)
        yield departure
        if draw("mistake", departure["movement_id"]).random() < 0.06:
            mistake = build("Out", "Release", shift(left["EXITD"], -3), "", site)
            yield {**mistake, "movement_id": make_id("mistake", departure["movement_id"]), "is_deleted": "1"}


def find_owner_of_stay(export: Export, key: str) -> str:
    """Returns the id of the patient that the movements of a stay are stored under: that of its first episode."""
    stay = (export.now.episodes[key]["CLIENTID"], export.now.episodes[key]["RECPDT"])
    keys = (other for other, row in export.now.episodes.items() if (row["CLIENTID"], row["RECPDT"]) == stay)
    return export.find_owner(next((other for other in keys if other in export.merged), key))


def find_departure(export: Export, key: str) -> Row:
    """Returns the record with the departure of an episode, which can be from after the month's end."""
    episode = export.now.episodes[key]
    coming = export.coming.episodes.get(key, episode)
    day = read_day(coming["EXITD"])
    return coming if not episode["EXITD"] and day and day <= export.now.last_day + MADE_AFTER else episode


def build_movement(
    episode: Row,
    owner: str,
    direction: str,
    kind: str,
    day: str,
    place: str,
    site: str,
    hours: tuple[int, int] = (8, 17),
) -> Row:
    """Returns the row of one movement."""
    number = f"{episode['CLIENTID']}/{direction}/{kind}/{day}"
    return {
        "movement_id": make_id("movement", number),
        "patient_id": owner,
        "site_id": SITES.get(site, ""),
        "direction": direction,
        "kind": kind,
        "moved_at": format_moment_of(day, draw("movement", number), *hours),
        "place": place,
        "is_deleted": "0",
    }


# --- Referrals and what belongs to them ------------------------------------------------------------


def list_referrals(export: Export) -> Iterator[Row]:
    """Yields the referrals: those with a triage are the episodes, the others wait."""
    for key, episode in export.now.episodes.items():
        rng = draw("referral", key)
        row = {
            "referral_id": make_id("referral", key),
            "patient_id": export.find_owner(key),
            "received_at": format_moment_of(shift(episode["TRIAGED"], -1), rng),
            "triaged_at": format_moment_of(episode["TRIAGED"], rng),
            "status": "Closed" if episode["DISD"] else "Open",
            "is_deleted": "0",
        }
        yield row
        if is_recorded_twice(key):
            yield {**row, "referral_id": make_id("referral", f"{key}/twice"), "is_deleted": "1"}
    for key, episode in export.coming.episodes.items():
        triage = read_day(episode["TRIAGED"])
        is_new = key not in export.now.episodes and episode["CLIENTID"] in export.now.clients
        if is_new and triage and triage < export.now.last_day + timedelta(days=15):
            yield {
                "referral_id": make_id("referral", key),
                "patient_id": make_id("patient", episode["CLIENTID"]),
                "received_at": format_moment(export.now.last_day - timedelta(days=1), draw("waiting", key)),
                "triaged_at": "",
                "status": "Waiting",
                "is_deleted": "0",
            }
    for site in SITES:
        yield {
            "referral_id": make_id("referral", f"test {site}"),
            "patient_id": make_id("patient", f"test {site}"),
            "received_at": "2023-04-06T10:00:00+01:00",
            "triaged_at": "2023-04-06T10:10:00+01:00",
            "status": "Open",
            "is_deleted": "0",
        }


def is_recorded_twice(episode: str) -> bool:
    """Returns whether the referral of an episode was recorded twice, and one of the two was deleted."""
    return draw("twice", episode).random() < 0.03


def list_changes(
    export: Export, key: str, read: Callable[[Row], tuple[str, ...]]
) -> Iterator[tuple[date, tuple[str, ...]]]:
    """Yields the values of an episode and the day since when: the triage, or a day of a later month."""
    latest: tuple[str, ...] = ()
    is_known = False
    for month in export.months:
        if key not in month.episodes:
            continue
        values, triage = read(month.episodes[key]), read_day(month.episodes[key]["TRIAGED"])
        if any(values) and values != latest:
            is_at_triage = not is_known and triage and triage <= month.last_day
            yield triage if triage and is_at_triage else month.last_day - timedelta(days=3), values
            latest = values
        is_known = True


def read_answer(episode: Row, field: str) -> tuple[str, ...]:
    """Returns the answer to a question, as Harbour stores it."""
    if field in SEVERAL:
        return ("; ".join(episode[header] for header in SEVERAL[field] if episode[header]),)
    return (format_day(episode[field]) if field == "REFHEPCTXDT" else episode[field],)


def read_test(episode: Row, kind: str) -> tuple[str, ...]:
    """Returns the result of a test and its day, which is often a year or a month only."""
    result, taken = TESTS[kind]
    return episode[result], format_day(episode[taken]) if taken else ""


def list_answers(export: Export) -> Iterator[Row]:
    """Yields the answers, old and new."""
    for field, question in QUESTIONS.items():
        read = partial(read_answer, field=field)
        others = sorted({read(episode)[0] for episode in export.months[0].episodes.values()})
        for key in export.now.episodes:
            rng = draw("answer", key, field)
            changes = list(list_changes(export, key, read))
            for day, (value,) in changes:
                yield build_answer(key, question, value, format_moment(day, rng))
            if changes:
                yield from build_other_answer(key, question, others, changes[0][0], rng)
    for site in SITES:
        yield build_answer(f"test {site}", "consent", "Consents", "2023-04-06T10:20:00+01:00")


def build_other_answer(key: str, question: str, others: list[str], first: date, rng: Random) -> Iterator[Row]:
    """Yields, for some answers, another answer to the same question, which does not count."""
    other, chance = rng.choice(others), rng.random()
    before, after = (format_moment(first + timedelta(days=days), rng) for days in (-1, 1))
    if chance < 0.07:
        yield build_answer(key, question, other, before)
    elif chance < 0.10:
        # A blank answer does not replace an answer.
        yield build_answer(key, question, rng.choice(BLANK_WORDS), after)
    elif chance < 0.12:
        yield build_answer(key, question, other, after, is_deleted="1")


def build_answer(key: str, question: str, value: str, moment: str, is_deleted: str = "0") -> Row:
    """Returns the row of one answer."""
    return {"referral_id": make_id("referral", key), "question": question, "value": value,
            "answered_at": moment, "is_deleted": is_deleted}  # fmt: skip


def list_substances(export: Export) -> Iterator[Row]:
    """Yields the substances of each referral, by rank."""
    for key, episode in export.now.episodes.items():
        rng = draw("substance", key)
        named = [episode[field] for field in ("DRUG1", "DRUG2", "DRUG3")]
        rows = [(str(rank), name, "0") for rank, name in enumerate(named, start=1) if name]
        if rng.random() < 0.06:
            rows.append(("1", "Cannabis", "1"))
        if len(rows) == 3 and rng.random() < 0.2:
            rows.append(("4", "Nicotine", "0"))
        for number, (rank, name, is_deleted) in enumerate(rows):
            yield {
                "substance_id": make_id("substance", f"{key}/{number}"), "referral_id": make_id("referral", key),
                "rank": rank, "substance": name, "age_first_used": str(rng.randint(12, 30)), "is_deleted": is_deleted,
            }  # fmt: skip


def list_tests(export: Export) -> Iterator[Row]:
    """Yields the tests of each referral, old and new."""
    for key in export.now.episodes:
        for kind in TESTS:
            rng = draw("test", key, kind)
            for day, (result, taken_on) in list_changes(export, key, partial(read_test, kind=kind)):
                row = {
                    "test_id": make_id("test", f"{key}/{kind}/{result}/{taken_on}"),
                    "referral_id": make_id("referral", key),
                    "kind": kind,
                    "recorded_at": format_moment(day, rng),
                    "taken_on": taken_on,
                    "result": result,
                    "is_deleted": "0",
                }
                yield row
                if rng.random() < 0.02:
                    mistake = {"test_id": make_id("test", f"{row['test_id']}/mistake"), "result": "99"}
                    yield {**row, **mistake, "is_deleted": "1"}
                if rng.random() < 0.05:
                    # An earlier test: neither its result nor its day counts.
                    earlier = format_moment(day - timedelta(days=1), rng)
                    number = make_id("test", f"{row['test_id']}/earlier")
                    yield {**row, "test_id": number, "recorded_at": earlier, "taken_on": "2015"}


def list_treatments(export: Export) -> Iterator[Row]:
    """Yields the treatments; a treatment that is no longer in the first example was deleted."""
    for key, item in {**export.months[0].interventions, **export.now.interventions}.items():
        if item["EPISODID"] not in export.now.episodes:
            continue
        row = {
            "treatment_id": make_id("treatment", key),
            "referral_id": make_id("referral", item["EPISODID"]),
            "programme": item["MODAL"],
            "started_on": format_day(item["MODST"], "%d/%m/%Y"),
            "ended_on": format_day(item["MODEND"], "%d/%m/%Y"),
            "is_deleted": str(int(key not in export.now.interventions)),
        }
        yield row
        if is_recorded_twice(item["EPISODID"]):
            # The treatments of the deleted referral are not marked.
            twice = {"treatment_id": make_id("treatment", f"{key}/twice")}
            yield {**row, **twice, "referral_id": make_id("referral", f"{item['EPISODID']}/twice")}
        if draw("treatment", key).random() < 0.02:
            yield {**row, "treatment_id": make_id("treatment", f"{key}/mistake"), "is_deleted": "1"}
    for site in SITES:
        yield {
            "treatment_id": make_id("treatment", f"test {site}"),
            "referral_id": make_id("referral", f"test {site}"),
            "programme": "Methadone maintenance",
            "started_on": "07/04/2023",
            "ended_on": "",
            "is_deleted": "0",
        }


def list_discharges(export: Export) -> Iterator[Row]:
    """Yields the discharges, and some that were deleted."""
    for key, episode in export.now.episodes.items():
        rng = draw("discharge", key)
        before = export.months[0].episodes.get(key, {}).get("DISD", "")
        is_open = not any(episode[field] for field in ("DISD", *DISCHARGE))
        row = {
            "discharge_id": make_id("discharge", key),
            "referral_id": make_id("referral", key),
            "discharged_at": format_moment_of(before if is_open else episode["DISD"], rng),
            **{column: episode[field] for field, column in DISCHARGE.items()},
            "is_deleted": str(int(is_open)),
        }
        if not is_open or before:
            yield row
            if rng.random() < 0.05:
                yield {**row, "discharge_id": make_id("discharge", f"{key}/wrong"), "is_deleted": "1"}


# --- Files -----------------------------------------------------------------------------------------

TABLES: dict[str, Callable[[Export], Iterator[Row]]] = {
    "sites": list_sites,
    "patients": list_patients,
    "addresses": list_addresses,
    "movements": list_movements,
    "referrals": list_referrals,
    "answers": list_answers,
    "substances": list_substances,
    "tests": list_tests,
    "treatments": list_treatments,
    "discharges": list_discharges,
}


def write_table(path: Path, rows: Iterable[Row]) -> None:
    """Writes one table, in the order of its ids."""
    in_order = sorted(rows, key=lambda row: tuple(row.values()))
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(in_order[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(in_order)


def write_months(out: Path) -> None:
    """Writes the exports below `out`, one directory per month."""
    months = read_months()
    for number, name in enumerate(EXPORTED, start=1):
        export = Export(months[:number], months[number], find_merged(months[0]))
        (out / name).mkdir(parents=True, exist_ok=True)
        for table, list_rows in TABLES.items():
            write_table(out / name / f"{table}.csv", list_rows(export))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write the third example.")
    parser.add_argument("--out", type=Path, default=HERE / "harbour")
    write_months(parser.parse_args().out)
