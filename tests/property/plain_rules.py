"""The hardest rules of one export, and every rule that rejects, stated row by row from their words.

Each statement is 'breached when' of the catalogue, in three-valued logic; `export` is asked where a
rule looks at other records.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date

from tests.property.plain_answers import Answer, all_of, any_of, every, less, no, same, some
from tests.property.plain_records import Record
from tests.property.plain_stages import PlainExport, PlainRule

SUBSTITUTION = ("opioid_maintenance", "opioid_reduction", "opioid_substitution")
REFERRALS = ("structured", "recovery")

Alone = Callable[[Record], Answer]


def shared_reference(client: Record, export: PlainExport) -> Answer:
    if client.lacks("CLIENT"):
        return False
    others = [other for other in export.seen("client") if other is not client and other["CLIENT"] == client["CLIENT"]]
    return any_of(no(_is_same_person(client, other)) for other in others)


def same_person(client: Record, export: PlainExport) -> Answer:
    if not all(_person(client)) or client.code("SEX") is None:
        return False
    twins = [
        other
        for other in export.seen("client")
        if other is not client and _is_same_person(client, other) and other.code("SEX") is not None
    ]
    return any_of(no(same(client["CLIENTID"], twin["CLIENTID"])) for twin in twins)


def _person(client: Record) -> tuple[str | date | None, ...]:
    return client.letter("FINITIAL"), client.letter("SINITIAL"), client.day("DOB"), client.sent("SEX")


def _is_same_person(client: Record, other: Record) -> Answer:
    return all_of(same(mine, theirs) for mine, theirs in zip(_person(client), _person(other), strict=True))


def overlapping_episodes(episode: Record, export: PlainExport) -> Answer:
    if episode.lacks("CLIENTID"):
        return None
    return any_of(
        every(
            _comes_first(other, episode, "TRIAGED", "EPISODID"),
            some(other.lacks("DISD"), less(episode.day("TRIAGED"), other.day("DISD"))),
        )
        for other in export.others(episode)
    )


def _comes_first(other: Record, record: Record, day: str, identifier: str) -> Answer:
    return some(
        less(other.day(day), record.day(day)),
        every(same(other.day(day), record.day(day)), less(other[identifier], record[identifier])),
    )


def other_episode_open(episode: Record, export: PlainExport) -> Answer:
    if episode.lacks("CLIENTID"):
        return every(episode.has("EXITD"), None)
    return every(
        episode.has("EXITD"),
        any_of(
            every(
                no(less(episode.day("EXITD"), other.day("TRIAGED"))),
                some(other.lacks("DISD"), other.lacks("DISRSN")),
            )
            for other in export.others(episode)
        ),
    )


def overlapping_interventions(intervention: Record, export: PlainExport) -> Answer:
    if intervention.lacks("EPISODID"):
        return None
    return any_of(
        every(
            same(other.sent("MODAL"), intervention.sent("MODAL")),
            _comes_first(other, intervention, "MODST", "MODID"),
            _goes_on(other, intervention),
        )
        for other in export.others(intervention)
    )


def concurrent_substitution(intervention: Record, export: PlainExport) -> Answer:
    is_reduction = intervention.means("MODAL", "opioid_reduction")
    if intervention.lacks("EPISODID"):
        return every(is_reduction, None)
    return every(
        is_reduction,
        any_of(
            every(
                other.means("MODAL", "opioid_maintenance"),
                no(less(intervention.day("MODST"), other.day("MODST"))),
                _goes_on(other, intervention),
            )
            for other in export.others(intervention)
        ),
    )


def _goes_on(other: Record, intervention: Record) -> Answer:
    return some(other.lacks("MODEND"), less(intervention.day("MODST"), other.day("MODEND")))


def isolated(episode: Record, export: PlainExport) -> Answer:
    interventions = export.children_in_play(episode)
    if interventions is None:
        return None
    return bool(interventions) and all_of(
        every(intervention.has("MODAL"), intervention.means("MODAL", "not_reported_alone"))
        for intervention in interventions
    )


def unreviewed_substitution(episode: Record, export: PlainExport) -> Answer:
    interventions = export.children_in_play(episode)
    ran_long = (
        None if interventions is None else any_of(_ran_long(intervention, episode) for intervention in interventions)
    )
    return every(episode.has("DISD"), episode.lacks("CLINREV"), ran_long)


def _ran_long(intervention: Record, episode: Record) -> Answer:
    start = intervention.day("MODST")
    end = intervention.day("MODEND") if intervention.has("MODEND") else episode.day("DISD")
    ran = None if start is None or end is None else (end - start).days >= 91
    return every(intervention.means("MODAL", *SUBSTITUTION), ran)


def review_without_substitution(episode: Record, export: PlainExport) -> Answer:
    interventions = export.children_in_play(episode)
    if interventions is None:
        return every(episode.has("CLINREV"), None)
    return every(
        episode.has("CLINREV"), no(any_of(intervention.means("MODAL", *SUBSTITUTION) for intervention in interventions))
    )


def minor(episode: Record, export: PlainExport) -> Answer:
    client = export.parent(episode)
    born, day = client.day("DOB") if client else None, episode.day("TRIAGED")
    if born is None or day is None:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day)) < 18


def ends_after_discharge(intervention: Record, export: PlainExport) -> Answer:
    episode = export.parent(intervention)
    return less(episode.day("DISD") if episode else None, intervention.day("MODEND"))


def open_at_discharge(intervention: Record, export: PlainExport) -> Answer:
    episode = export.parent(intervention)
    return every(episode.has("DISD") if episode else None, intervention.lacks("MODEND"))


def identifying(header: str) -> PlainRule:
    def holds_birthday(record: Record, export: PlainExport) -> Answer:
        client: Record | None = record
        while client is not None and client.entity != "client":
            client = export.parent(client)
        born = client.day("DOB") if client else None
        text = record[header]
        if text is None or born is None:
            return every(text is not None, None)
        bare = "".join(
            character for character in text if unicodedata.category(character)[0] == "L" or character.isdecimal()
        )
        year, month, day = f"{born.year:04}", f"{born.month:02}", f"{born.day:02}"
        dates = (year + month + day, day + month + year, year[2:] + month + day, day + month + year[2:])
        return any(date_text in bare for date_text in dates)

    return holds_birthday


def help_missing(episode: Record) -> Answer:
    return every(episode.lacks("EHCS"), some(episode.means("PARENT", "yes"), _is_from(episode, "CHILDWTH", 1, 97)))


def help_not_applicable(episode: Record) -> Answer:
    return every(episode.has("EHCS"), episode.means("PARENT", "no"), _is_from(episode, "CHILDWTH", 0, 0))


def _is_from(episode: Record, header: str, first: int, last: int) -> Answer:
    number = episode.number(header)
    return None if number is None else first <= number <= last


def help_after_none(episode: Record) -> Answer:
    return every(episode.means("EHCS", "none", "declined"), episode.has("EHCS2"))


def disability_repeated(episode: Record) -> Answer:
    third = episode.sent("DISABLE3")
    return some(same(third, episode.sent("DISABLE1")), same(third, episode.sent("DISABLE2")))


def disability_gap(episode: Record) -> Answer:
    return every(episode.has("DISABLE3"), episode.lacks("DISABLE2"))


def children_of_no_parent(episode: Record) -> Answer:
    return every(episode.has("PRNTSTAT"), no(episode.means("PARENT", "yes")))


def prison_missing(episode: Record) -> Answer:
    return every(episode.lacks("PRISON"), less(episode.day("INTRCPTD"), episode.day("RECPDT")))


def prison_without_transfer(episode: Record) -> Answer:
    return every(episode.has("PRISON"), same(episode.day("INTRCPTD"), episode.day("RECPDT")))


def death(episode: Record) -> Answer:
    not_discharged_dead = every(
        episode.means("EXITRSN", "died"),
        same(episode.day("DISD"), episode.day("EXITD")),
        episode.has("DISRSN"),
        no(episode.is_code("DISRSN", "89")),
    )
    not_left_dead = every(episode.is_code("DISRSN", "89"), episode.has("EXITRSN"), no(episode.means("EXITRSN", "died")))
    return some(not_discharged_dead, not_left_dead)


def released_from_court(episode: Record) -> Answer:
    return every(
        episode.is_code("DISRSN", "99"),
        some(
            every(episode.has("EXITRSN"), no(episode.means("EXITRSN", "released"))),
            every(episode.has("RTOAGNCY"), no(episode.means("RTOAGNCY", "none"))),
        ),
    )


def transfer_in_custody(episode: Record) -> Answer:
    return every(episode.is_code("DISRSN", "84"), episode.has("EXITRSN"), no(episode.means("EXITRSN", "transferred")))


def destination_missing(episode: Record) -> Answer:
    referred = every(episode.means("EXITRSN", "released"), episode.means("RTOAGNCY", *REFERRALS))
    return every(
        episode.lacks("EXITDEST"), episode.has("EXITD"), some(episode.means("EXITRSN", "transferred"), referred)
    )


def deported(episode: Record) -> Answer:
    return every(episode.is_code("DISRSN", "98"), episode.has("EXITDEST"), no(episode.means("EXITDEST", "outside_uk")))


def transferred_unreferred(episode: Record) -> Answer:
    return every(
        episode.is_code("DISRSN", "83"),
        episode.means("EXITRSN", "released"),
        no(episode.means("EXITDEST", "non_ndtms_secure")),
        episode.has("RTOAGNCY"),
        no(episode.means("RTOAGNCY", "structured")),
    )


def completed_yet_referred(episode: Record) -> Answer:
    return every(
        episode.is_code("DISRSN", "80", "81", "82"),
        episode.means("EXITRSN", "released"),
        episode.means("RTOAGNCY", "structured"),
    )


def undischarged(episode: Record) -> Answer:
    return every(
        some(episode.has("EXITD"), episode.has("EXITRSN")), some(episode.lacks("DISD"), episode.lacks("DISRSN"))
    )


def units_without_drinking(episode: Record) -> Answer:
    return every(_is_from(episode, "ALCDDAYS", 0, 0), _is_from(episode, "ALCUNITS", 1, 999))


def referral_date_without_referral(episode: Record) -> Answer:
    return every(episode.has("REFHEPCTXDT"), episode.means("REFHEPCTX", "no"))


def _of(entity: str, rules: Mapping[str, Alone]) -> dict[str, tuple[str, PlainRule]]:
    def alongside(rule: Alone) -> PlainRule:
        return lambda record, _export: rule(record)

    return {name: (entity, alongside(rule)) for name, rule in rules.items()}


def _required(headers: Iterable[str]) -> dict[str, Alone]:
    def blank(header: str) -> Alone:
        return lambda record: record.lacks(header)

    return {f"{header}.required": blank(header) for header in headers}


def _real_dates(headers: Iterable[str]) -> dict[str, Alone]:
    def no_date(header: str) -> Alone:
        return lambda record: record.has(header) and record.day(header) is None

    return {f"{header}.date": no_date(header) for header in headers}


def _listed(header: str) -> dict[str, Alone]:
    def is_odd(record: Record) -> Answer:
        return record.list_of(header).checks and record.has(header) and record.code(header) is None

    return {f"{header}.code": is_odd}


HARDEST: Mapping[str, tuple[str, PlainRule]] = {
    "CLIENT.shared": ("client", shared_reference),
    "CLIENTID.same_person": ("client", same_person),
    "CLIENTID.identifying": ("client", identifying("CLIENTID")),
    "TRIAGED.overlap": ("episode", overlapping_episodes),
    "EXITD.other_open": ("episode", other_episode_open),
    "MODAL.isolated": ("episode", isolated),
    "CLINREV.at_discharge": ("episode", unreviewed_substitution),
    "CLINREV.not_applicable": ("episode", review_without_substitution),
    "DOB.adult": ("episode", minor),
    "MODAL.overlap": ("intervention", overlapping_interventions),
    "MODAL.concurrent_substitution": ("intervention", concurrent_substitution),
    "MODEND.after_discharge": ("intervention", ends_after_discharge),
    "MODEND.open_at_discharge": ("intervention", open_at_discharge),
    "MODID.identifying": ("intervention", identifying("MODID")),
    **_of(
        "episode",
        {
            "EHCS.missing": help_missing,
            "EHCS.not_applicable": help_not_applicable,
            "EHCS2.after_none": help_after_none,
            "DISABLE3.repeated": disability_repeated,
            "DISABLE3.gap": disability_gap,
            "PRNTSTAT.not_parent": children_of_no_parent,
            "PRISON.missing": prison_missing,
            "PRISON.not_transferred": prison_without_transfer,
            "DISRSN.died": death,
            "DISRSN.released_from_court": released_from_court,
            "DISRSN.transfer_in_custody": transfer_in_custody,
            "EXITDEST.missing": destination_missing,
            "EXITDEST.deported": deported,
            "RTOAGNCY.transferred": transferred_unreferred,
            "RTOAGNCY.completed": completed_yet_referred,
            "EXITD.undischarged": undischarged,
            "ALCUNITS.no_drinking": units_without_drinking,
            "REFHEPCTXDT.not_referred": referral_date_without_referral,
        },
    ),
}

# What rejects a record in addition to the rules of linkage, so that outcomes are those of a real run.
REJECTING: Mapping[str, tuple[str, PlainRule]] = {
    "CLIENT.identifying": ("client", identifying("CLIENT")),
    "EPISODID.identifying": ("episode", identifying("EPISODID")),
    **_of(
        "client",
        {
            **_required(("FINITIAL", "SINITIAL", "DOB", "SEX", "AGNCY")),
            **_real_dates(("DOB",)),
            **_listed("SEX"),
            "FINITIAL.format": lambda client: client.has("FINITIAL") and client.letter("FINITIAL") is None,
            "SINITIAL.format": lambda client: client.has("SINITIAL") and client.letter("SINITIAL") is None,
            "AGNCY.format": lambda client: client.has("AGNCY") and client.agency() is None,
        },
    ),
    **_of(
        "episode",
        {
            **_required(("CMSID", "INTRCPTD", "RECPDT", "TRIAGED", "DRUG1")),
            **_real_dates(("INTRCPTD", "RECPDT", "TRIAGED")),
            **_listed("DRUG1"),
        },
    ),
}

TIES = (
    *(f"{identifier}.{kind}" for identifier in ("CLIENTID", "EPISODID", "MODID") for kind in ("repeated", "required")),
    *("CLIENTID.conflict", "EPISODID.conflict", "MODID.conflict", "EPISODID.orphan", "MODID.orphan", "MODID.absent"),
    *("CLIENTID.no_episode", "AGNCY.other", "CONSENT.given", "CONSENT.code"),
)
_WITHOUT_REJECTING = {"CLIENTID.repeated", "EPISODID.repeated", "MODID.repeated", "CLIENTID.no_episode"}
_WITHOUT_REJECTING |= {"AGNCY.other", "CONSENT.given", "CONSENT.code"}


def rejecting_rules(lists: Mapping[str, object]) -> list[str]:
    """The rules that reject with these lists: a code outside a list that is not published only warns."""
    published = {name for name, code_list in lists.items() if getattr(code_list, "is_published", False)}
    warns = {f"{header}.code" for header, name in (("SEX", "SEX"), ("DRUG1", "DRUG")) if name not in published}
    always = {*TIES, *REJECTING, "CLIENTID.identifying", "MODID.identifying"} - _WITHOUT_REJECTING
    return sorted(always - warns)


STATED: Mapping[str, tuple[str, PlainRule]] = {**HARDEST, **REJECTING}
EVERY_RULE = frozenset({*STATED, *TIES})
