"""The lists once more, in plain Python: record by record, from the words of docs/lists.md."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from schemas.period import Period
from tests.lists.worlds import PERSON, Client, Episode, Run

_SUBSTITUTION = ("OPIOID-MAINTENANCE-METHADONE", "OPIOID-REDUCTION-METHADONE", "OPIOID-REINDUCTION")
_STRUCTURED = (*_SUBSTITUTION, "OTHER-STRUCTURED", "LOFEXIDINE")
_BRIEF = "ALCOHOL-BRIEF"
_COMPLETED, _TRANSFERRED = ("80", "81", "82"), ("83", "84", "74")
_INCOMPLETE = ("71", "85", "86", "88", "98", "99", "89")
_LEAVES = ("83", "84", "98", "99", "89")
_EXITS = {"R": "released", "T": "transferred", "A": "absconded", "D": "died"}
_AT_EXIT = ("LIVSCRN", "MHTXEXIT", "SENTENCED", "REFHEPCTX")
_AT_RELEASE = ("RECONNECT", "THNALOX", "HOMELESSEXIT", "RTOAGNCY")
_LABELS = {"E06000001": "Hartlepool", "NON-NDTMS-SECURE": "Non-NDTMS reporting secure setting"}
_21_DAYS = timedelta(days=21)


@dataclass(frozen=True)
class Listed:
    """The run that is listed, the day, and what the other agencies' runs are."""

    run: Run
    as_of: date
    others: tuple[Run, ...]

    @property
    def first_day(self) -> date:
        """The first day of the month."""
        return Period.parse(self.run.period).first_day

    def has(self, day: date | None) -> bool:
        """Whether a day is in the month, up to the as-of day."""
        return day is not None and self.first_day <= day <= self.as_of


def _day(fields: Episode | dict[str, str | None], name: str) -> date | None:
    values = fields.fields if isinstance(fields, Episode) else fields
    text = values.get(name)
    return date.fromisoformat(text) if text else None


def _blank(episode: Episode, *names: str) -> list[str]:
    return [name for name in names if episode.fields.get(name) is None]


def _episodes(run: Run) -> Iterator[tuple[Client, Episode]]:
    return ((client, episode) for client in run.clients for episode in client.episodes)


def find_review_day(episode: Episode) -> date | None:
    """The first day on which 91 days have passed on substitution, counted day by day."""
    first, received = _day(episode, "INTRCPTD"), _day(episode, "RECPDT")
    if first is None or received is None or (received - first).days >= 91:
        return None
    passed: set[date] = set()
    for item in episode.interventions.values():
        start = _day(dict(item), "MODST")
        if item.get("MODAL") not in _SUBSTITUTION or start is None:
            continue
        until = _day(dict(item), "MODEND") or _day(episode, "DISD") or start + timedelta(days=400)
        passed |= {start + timedelta(days=number) for number in range((until - start).days)}
    return sorted(passed)[90] + timedelta(days=1) if len(passed) >= 91 else None


def list_due(listed: Listed) -> list[tuple[object, ...]]:
    """Item, state, due, episode, intervention and fields of each row."""
    rows: list[tuple[object, ...]] = []
    for client, episode in _episodes(listed.run):
        for item, due, modid, fields in _list_due_of(client, episode):
            if fields:
                state = "no date" if due is None else "overdue" if due < listed.as_of else "due"
                if due is not None and due > listed.as_of:
                    state = "upcoming"
                rows.append((item, state, due, episode.id, modid, tuple(fields)))
    return rows


def _list_due_of(client: Client, episode: Episode) -> Iterator[tuple[str, date | None, str | None, list[str]]]:
    value = episode.fields
    discharge, left = _day(episode, "DISD"), _day(episode, "EXITD")
    review = find_review_day(episode)
    if discharge is None and value["DISRSN"] is None and review and value["CLINREV"] in (None, "N"):
        yield "13-week review", review, None, ["CLINREV"]
    released = value["EXITRSN"] == "R"
    asked = [*(_AT_EXIT if left else ()), *(_AT_RELEASE if released else ())]
    referred = value["RTOAGNCY"] in ("STRUCTURED", "RECOVERY")
    if (left and (value["EXITRSN"] == "T" or (released and referred))) or (released and value["RTOAGNCY"] == "NONE"):
        asked.append("EXITDEST")
    yield "exit questions", left, None, _blank(episode, *asked)
    if discharge:
        yield "discharge questions", discharge, None, _blank(episode, "NPSUSE", *(["CLINREV"] if review else []))
        for modid, item in episode.interventions.items():
            if item.get("MODEND") is None:
                yield "intervention to close", discharge, modid, ["MODEND"]
    yield "episode to close", *_close_episode(client, episode)
    others = [_day(other, "RECPDT") for other in client.episodes]
    received = _day(episode, "RECPDT")
    nexts = [day for day in others if day and received and day > received]
    gone = [discharge] if discharge and value["DISRSN"] in _LEAVES else []
    if left or value["EXITRSN"] or nexts or gone:
        yield "exit to record", left or min([*nexts, *gone], default=None), None, _blank(episode, "EXITD", "EXITRSN")


def _close_episode(client: Client, episode: Episode) -> tuple[date | None, None, list[str]]:
    discharge, triage = _day(episode, "DISD"), _day(episode, "TRIAGED")
    exits = [(other is episode, _day(other, "EXITD")) for other in client.episodes]
    own_or_later = [day for is_own, day in exits if day and (is_own or (triage and day >= triage))]
    ends = [_day(dict(item), "MODEND") for item in episode.interventions.values()]
    known_ends = [day for day in ends if day]
    fields = _blank(episode, "DISD", "DISRSN")
    if discharge:
        return discharge, None, fields
    if own_or_later:
        return min(own_or_later), None, fields
    if episode.fields["EXITRSN"] or episode.fields["DISRSN"]:
        return None, None, fields
    if ends and len(known_ends) == len(ends):
        return max(known_ends), None, fields
    return None, None, []


def _last_episodes(run: Run) -> Iterator[Episode]:
    for client in run.clients:
        for reception in sorted({str(episode.fields["RECPDT"]) for episode in client.episodes}):
            stay = [episode for episode in client.episodes if episode.fields["RECPDT"] == reception]
            yield max(stay, key=lambda episode: (str(episode.fields["TRIAGED"]), episode.id))


def list_releases(listed: Listed) -> list[tuple[object, ...]]:
    """Authority, need, state, episode, missing fields and fields to check of each row."""
    rows: list[tuple[object, ...]] = []
    for episode in _last_episodes(listed.run):
        value, left = episode.fields, _day(episode, "EXITD")
        need = _find_need(episode)
        if need is None or value["EXITRSN"] in ("T", "A", "D") or (left and left < listed.first_day):
            continue
        place = value["EXITDEST"]
        authority = "not recorded" if place is None else _LABELS.get(place, "not in the list")
        missing = _blank(episode, "DISD", "DISRSN", "EXITD", "EXITRSN", "EXITDEST", "RTOAGNCY")
        if left:
            missing += _blank(episode, *_AT_EXIT)
        if value["EXITRSN"] == "R":
            missing += _blank(episode, *_AT_RELEASE[:3])
        state = "left" if left and left <= listed.as_of else "leaves"
        rows.append((authority, need, state, episode.id, tuple(missing), tuple(_list_contradictions(episode))))
    return rows


def _find_need(episode: Episode) -> str | None:
    value = episode.fields
    if value["DISRSN"] == "83":
        return "structured treatment"
    if value["DISRSN"] == "71" and value["EXITRSN"] == "R":
        return "structured treatment, refused"
    if value["DISRSN"] == "99":
        return "released from court, treatment not completed"
    return {"STRUCTURED": "structured treatment", "RECOVERY": "recovery support"}.get(str(value["RTOAGNCY"]))


def _list_contradictions(episode: Episode) -> list[str]:
    reason, referral = episode.fields["DISRSN"], episode.fields["RTOAGNCY"]
    known = referral in ("STRUCTURED", "RECOVERY", "NONE")
    hospital = episode.fields["EXITDEST"] == "NON-NDTMS-SECURE"
    wrong = (
        (reason == "83" and known and referral != "STRUCTURED" and not hospital)
        or (reason in ("71", *_COMPLETED) and referral == "STRUCTURED")
        or (reason == "99" and known and referral != "NONE")
    )
    return ["RTOAGNCY"] if wrong else []


def _link(client: Client) -> tuple[object, ...] | None:
    person = {**PERSON, **client.person}
    values = tuple(person[name] for name in ("FINITIAL", "SINITIAL", "DOB", "SEX"))
    return None if None in values else values


def list_transfers(listed: Listed) -> list[tuple[object, ...]]:
    """The answer, the first start and the episode of each row."""
    rows: list[tuple[object, ...]] = []
    for client, episode in _episodes(listed.run):
        discharge = _day(episode, "DISD")
        if episode.fields["DISRSN"] == "84" and discharge and discharge <= listed.as_of:
            rows.append((*_follow(listed, client, discharge), discharge, episode.id))
    return rows


def _follow(listed: Listed, client: Client, discharge: date) -> tuple[str, date | None]:
    last, starts, unknown, seen = discharge + _21_DAYS, [], False, []
    for run in listed.others:
        known_to = min(listed.as_of, Period.parse(run.period).last_day)
        for other, episode in _episodes(run):
            if _link(client) is None or _link(other) != _link(client):
                continue
            for item in episode.interventions.values():
                start = _day(dict(item), "MODST")
                if start and discharge <= start <= known_to:
                    if item["MODAL"] in _STRUCTURED:
                        starts.append(start)
                    unknown |= item["MODAL"] in (None, "QQQ") and start <= last
            received, first = _day(episode, "RECPDT"), _day(episode, "INTRCPTD")
            if received and first and discharge <= received <= listed.as_of and first <= discharge:
                seen.append(known_to >= last)
    started = min(starts, default=None)
    if started and started <= last:
        return "yes", started
    is_decided = _link(client) is not None and listed.as_of >= last and not unknown
    return ("no" if is_decided and seen and all(seen) else "not known"), started


def count_figures(listed: Listed) -> dict[tuple[str, str], int]:
    """The value of each figure and part; parts without a record are left out."""
    counts: Counter[tuple[str, str]] = Counter()
    for client in listed.run.clients:
        if client.episodes:
            _count_client(listed, client, counts)
    for client, episode in _episodes(listed.run):
        if listed.has(_day(episode, "DISD")):
            reason = str(episode.fields["DISRSN"])
            groups = {"treatment completed": _COMPLETED, "transferred": _TRANSFERRED, "incomplete": _INCOMPLETE}
            group = [name for name, codes in groups.items() if reason in codes]
            counts["discharges", (*group, "blank or not in the list")[0]] += 1
        journey = _find_journey(listed, client, episode)
        if journey:
            counts["structured treatment started", journey] += 1
    for answer, _, discharge, _ in list_transfers(listed):
        assert isinstance(discharge, date)
        if listed.has(discharge + _21_DAYS):
            counts["transfers in custody whose 21 days ended", str(answer)] += 1
    for episode in _last_episodes(listed.run):
        if listed.has(_day(episode, "EXITD")):
            _count_exit(episode, counts)
    return dict(counts)


def _count_client(listed: Listed, client: Client, counts: Counter[tuple[str, str]]) -> None:
    in_month = [
        (_day(episode, "TRIAGED") or date.max) <= listed.as_of
        and (_day(episode, "DISD") or date.max) >= listed.first_day
        for episode in client.episodes
    ]
    counts["clients", "in treatment" if any(in_month) else "not in treatment in the month"] += 1
    if not any(in_month):
        return
    running = set()
    for episode in client.episodes:
        for item in episode.interventions.values():
            start = _day(dict(item), "MODST")
            end = _day(dict(item), "MODEND") or _day(episode, "DISD") or date.max
            if start and start <= listed.as_of and end >= listed.first_day:
                running.add(item["MODAL"])
    if running & set(_STRUCTURED):
        counts["clients in treatment", "structured intervention"] += 1
    elif running - {_BRIEF}:
        counts["clients in treatment", "not known: MODAL blank or not in the list"] += 1
    else:
        counts["clients in treatment", "no structured intervention"] += 1


def _find_journey(listed: Listed, client: Client, episode: Episode) -> str | None:
    starts = [_day(dict(item), "MODST") for item in episode.interventions.values() if item["MODAL"] in _STRUCTURED]
    started = min((day for day in starts if day), default=None)
    if started is None or not listed.has(started):
        return None
    own = [(False, other) for other in client.episodes if other is not episode]
    link = _link(client)
    elsewhere = [
        (True, other) for run in listed.others for person, other in _episodes(run) if link and _link(person) == link
    ]
    recent = []
    for is_elsewhere, other in [*own, *elsewhere]:
        triage, discharge = _day(other, "TRIAGED"), _day(other, "DISD")
        if triage and triage < started and (discharge is None or discharge + _21_DAYS >= started):
            recent.append(
                is_elsewhere and discharge is not None and discharge <= started
                and other.fields["DISRSN"] in _TRANSFERRED
            )  # fmt: skip
    if any(recent):
        return "same journey: within 21 days of a transfer from another agency"
    return "the definitions do not say: open, or discharged up to 21 days before" if recent else "new journey"


def _count_exit(episode: Episode, counts: Counter[tuple[str, str]]) -> None:
    reason = _EXITS.get(str(episode.fields["EXITRSN"]), "blank or not in the list")
    counts["exits", reason] += 1
    asked = {
        "mental health treatment during stay (MHTXEXIT), exits": "MHTXEXIT",
        "referral for alcohol related liver disease (LIVSCRN), exits": "LIVSCRN",
        "referral to hepatitis C treatment (REFHEPCTX), exits": "REFHEPCTX",
    }
    if reason == "released":
        asked |= {
            "take home naloxone and training (THNALOX), releases": "THNALOX",
            "Reconnect support (RECONNECT), releases": "RECONNECT",
        }
    for figure, name in asked.items():
        counts[figure, {"Y": "yes", "N": "no", None: "blank"}.get(episode.fields[name], "not in the list")] += 1


def hide(values: Sequence[int]) -> list[int | None]:
    """Hides counts under five, smallest first, until what is hidden is two or more that add up to five or more."""
    hidden = [place for place, value in enumerate(values) if value < 5]
    by_size: Callable[[int], tuple[int, int]] = lambda place: (values[place], place)  # noqa: E731
    rest = sorted(set(range(len(values))) - set(hidden), key=by_size)
    while hidden and rest and (len(hidden) < 2 or sum(values[place] for place in hidden) < 5):
        hidden.append(rest.pop(0))
    return [None if place in hidden else value for place, value in enumerate(values)]
