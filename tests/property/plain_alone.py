"""The rules that look at one record alone, stated from their words."""

from collections.abc import Callable, Iterable, Mapping

from tests.property.plain_answers import Answer, any_of, every, less, no, same, some
from tests.property.plain_records import Record, field_rows
from tests.property.plain_related import EXTRACTED_ON, is_past

REFERRALS = ("structured", "recovery")
NONE_OF_DISABILITY = ("none", "declined")

Alone = Callable[[Record], Answer]
BLANK = (
    ("client", "ETHNIC NATION CLIENT"),
    (
        "episode",
        "PC SEXUALO RELIGION DISABLE1 HOUSING DOMVIC DOMPER TSLPE VETERAN PARENT CHILDWTH ALCDDAYS INJSTAT HEPBSTAT"
        " HEPCSTAT HIVSTAT DUALDIAG MHTINT SEXWORK",
    ),
)
REQUIRED = (
    ("client", "FINITIAL SINITIAL DOB SEX"),
    ("episode", "CMSID INTRCPTD RECPDT TRIAGED DRUG1 UTLA"),
    ("intervention", "MODAL"),
)
DATES = (
    ("client", "DOB"),
    ("episode", "INTRCPTD RECPDT TRIAGED HEPCTSTD HIVTESTDT DISD REFHEPCTXDT EXITD"),
    ("intervention", "MODST MODEND"),
)
RANGES = ("AUDIT", "ALCDDAYS", "ALCUNITS", "CHILDWTH")


def has_all(episode: Record, *headers: str) -> bool:
    return all(episode.has(header) for header in headers)


def is_from(episode: Record, header: str, first: int, last: int) -> Answer:
    if episode.lacks(header):
        return None
    number = episode.number(header)
    return None if number is None else first <= number <= last


def known_not(episode: Record, header: str, *concepts: str) -> Answer:
    """Populated, and not this."""
    return every(episode.has(header), no(episode.means(header, *concepts)))


def pair(first: str, second: str) -> Alone:
    """The first is populated and the second is blank."""
    return lambda episode: episode.has(first) and episode.lacks(second)


def before(first: str, second: str) -> Alone:
    return lambda episode: less(episode.day(first), episode.day(second))


def after_none(header: str, other: str, *none: str) -> Alone:
    return lambda episode: every(episode.means(header, *none), episode.has(other))


def is_none(header: str, *none: str) -> Alone:
    return lambda episode: episode.means(header, *none)


def repeated(header: str, *others: str) -> Alone:
    def holds(episode: Record) -> Answer:
        return any_of(
            every(has_all(episode, header, other), same(episode.sent(header), episode.sent(other))) for other in others
        )

    return holds


def missing_at_release(header: str) -> Alone:
    return lambda episode: every(episode.means("EXITRSN", "released"), episode.lacks(header))


def told_unreleased(header: str) -> Alone:
    return lambda episode: every(episode.has(header), known_not(episode, "EXITRSN", "released"))


def help_missing(episode: Record) -> Answer:
    return every(episode.lacks("EHCS"), some(episode.means("PARENT", "yes"), is_from(episode, "CHILDWTH", 1, 97)))


def help_not_applicable(episode: Record) -> Answer:
    return every(episode.has("EHCS"), episode.means("PARENT", "no"), is_from(episode, "CHILDWTH", 0, 0))


def death(episode: Record) -> Answer:
    not_discharged_dead = every(
        episode.means("EXITRSN", "died"),
        same(episode.day("DISD"), episode.day("EXITD")),
        episode.has("DISRSN"),
        no(episode.is_code("DISRSN", "89")),
    )
    return some(not_discharged_dead, every(episode.is_code("DISRSN", "89"), known_not(episode, "EXITRSN", "died")))


def released_from_court(episode: Record) -> Answer:
    return every(
        episode.is_code("DISRSN", "99"),
        some(known_not(episode, "EXITRSN", "released"), known_not(episode, "RTOAGNCY", "none")),
    )


def discharged_as(code: str, header: str, concept: str) -> Alone:
    """Discharged for this reason, and the field is populated and means something else."""
    return lambda episode: every(episode.is_code("DISRSN", code), known_not(episode, header, concept))


def without_exit(episode: Record) -> Answer:
    left = episode.is_code("DISRSN", "83", "84", "89", "98", "99")
    return every(left, episode.lacks("EXITD"), is_past(episode.day("DISD"), 7))


def destination_missing(episode: Record) -> Answer:
    referred = every(episode.means("EXITRSN", "released"), episode.means("RTOAGNCY", *REFERRALS))
    return every(
        episode.lacks("EXITDEST"), episode.has("EXITD"), some(episode.means("EXITRSN", "transferred"), referred)
    )


def areas(episode: Record) -> set[str]:
    return {concept for _, _, concept in episode.list_of("UTLA").rows if concept}


def destination_no_setting(episode: Record) -> Answer:
    elsewhere = episode.means("EXITDEST", *areas(episode), "outside_uk")
    return every(episode.means("EXITRSN", "transferred"), elsewhere)


def destination_no_area(episode: Record) -> Answer:
    is_understood = episode.code("EXITDEST") is not None
    fits = episode.means("EXITDEST", *areas(episode), "outside_uk", "non_ndtms_secure")
    return every(episode.means("EXITRSN", "released"), is_understood, no(fits))


def transferred_unreferred(episode: Record) -> Answer:
    return every(
        episode.is_code("DISRSN", "83"),
        episode.means("EXITRSN", "released"),
        no(episode.means("EXITDEST", "non_ndtms_secure")),
        known_not(episode, "RTOAGNCY", "structured"),
    )


def referred_after(*codes: str) -> Alone:
    return lambda episode: every(
        episode.is_code("DISRSN", *codes),
        episode.means("EXITRSN", "released"),
        episode.means("RTOAGNCY", "structured"),
    )


def undischarged(episode: Record) -> Answer:
    return (episode.has("EXITD") or episode.has("EXITRSN")) and (episode.lacks("DISD") or episode.lacks("DISRSN"))


def abode_with_home(episode: Record) -> Answer:
    return every(
        episode.postcode()[0] == "ZZ99 3", no(episode.means("UTLA", "outside_uk")), episode.means("HOUSING", "home")
    )


OF_EPISODES: Mapping[str, Alone] = {
    "AGNCY.format": lambda episode: episode.has("AGNCY") and episode.agency() is None,
    "PC.format": lambda episode: episode.has("PC") and episode.postcode() == (None, False),
    "PC.pseudo": lambda episode: episode.postcode()[1],
    "PC.with_a_home": abode_with_home,
    "HIVTESTDT.never_tested": lambda episode: every(episode.has("HIVTESTDT"), episode.means("HIVSTAT", "unknown")),
    "RECPDT.order": before("RECPDT", "INTRCPTD"),
    "TRIAGED.order": before("TRIAGED", "RECPDT"),
    "DISD.order": before("DISD", "TRIAGED"),
    "EXITD.order": before("EXITD", "RECPDT"),
    "EXITD.before_discharge": before("EXITD", "DISD"),
    "REFHEPCTXDT.order": before("REFHEPCTXDT", "RECPDT"),
    "PRISON.missing": lambda one: every(one.lacks("PRISON"), less(one.day("INTRCPTD"), one.day("RECPDT"))),
    "PRISON.not_transferred": lambda one: every(one.has("PRISON"), same(one.day("INTRCPTD"), one.day("RECPDT"))),
    "DISABLE2.after_none": after_none("DISABLE1", "DISABLE2", *NONE_OF_DISABILITY),
    "DISABLE3.after_none": after_none("DISABLE1", "DISABLE3", *NONE_OF_DISABILITY),
    "DISABLE2.none": is_none("DISABLE2", *NONE_OF_DISABILITY),
    "DISABLE3.none": is_none("DISABLE3", *NONE_OF_DISABILITY),
    "EHCS2.after_none": after_none("EHCS", "EHCS2", "none", "declined"),
    "EHCS3.after_none": after_none("EHCS", "EHCS3", "none", "declined"),
    "EHCS2.none": is_none("EHCS2", "none", "declined"),
    "EHCS3.none": is_none("EHCS3", "none", "declined"),
    "DISABLE2.gap": pair("DISABLE2", "DISABLE1"),
    "DISABLE3.gap": pair("DISABLE3", "DISABLE2"),
    "EHCS2.gap": pair("EHCS2", "EHCS"),
    "EHCS3.gap": pair("EHCS3", "EHCS2"),
    "DRUG3.gap": pair("DRUG3", "DRUG2"),
    "DISABLE2.repeated": repeated("DISABLE2", "DISABLE1"),
    "DISABLE3.repeated": repeated("DISABLE3", "DISABLE1", "DISABLE2"),
    "EHCS2.repeated": repeated("EHCS2", "EHCS"),
    "EHCS3.repeated": repeated("EHCS3", "EHCS", "EHCS2"),
    "DRUG2.repeated": repeated("DRUG2", "DRUG1"),
    "DRUG3.repeated": repeated("DRUG3", "DRUG1", "DRUG2"),
    "PRNTSTAT.missing": lambda episode: every(episode.means("PARENT", "yes"), episode.lacks("PRNTSTAT")),
    "PRNTSTAT.not_parent": lambda episode: every(episode.has("PRNTSTAT"), no(episode.means("PARENT", "yes"))),
    "EHCS.missing": help_missing,
    "EHCS.not_applicable": help_not_applicable,
    "CHILDWTH.lives_with": lambda one: every(one.means("PRNTSTAT", "lives_with"), is_from(one, "CHILDWTH", 0, 0)),
    "ALCUNITS.missing": lambda one: every(is_from(one, "ALCDDAYS", 1, 28), one.lacks("ALCUNITS")),
    "ALCUNITS.no_drinking": lambda one: every(is_from(one, "ALCDDAYS", 0, 0), is_from(one, "ALCUNITS", 1, 999)),
    "NPSUSE.at_discharge": pair("DISD", "NPSUSE"),
    "DISD.pair": pair("DISRSN", "DISD"),
    "DISRSN.pair": pair("DISD", "DISRSN"),
    "EXITD.pair": pair("EXITRSN", "EXITD"),
    "EXITRSN.pair": pair("EXITD", "EXITRSN"),
    "EXITD.undischarged": undischarged,
    **{f"{header}.at_exit": pair("EXITD", header) for header in ("LIVSCRN", "MHTXEXIT", "SENTENCED", "REFHEPCTX")},
    **{
        f"{header}.at_release": missing_at_release(header)
        for header in ("RECONNECT", "THNALOX", "HOMELESSEXIT", "RTOAGNCY")
    },
    **{
        f"{header}.not_released": told_unreleased(header)
        for header in ("RECONNECT", "THNALOX", "HOMELESSEXIT", "RTOAGNCY")
    },
    "REFHEPCTXDT.missing": lambda one: every(one.means("REFHEPCTX", "yes"), one.lacks("REFHEPCTXDT")),
    "REFHEPCTXDT.not_referred": lambda one: every(one.has("REFHEPCTXDT"), one.means("REFHEPCTX", "no")),
    "EXITDEST.missing": destination_missing,
    "EXITDEST.release_area": lambda one: every(
        one.lacks("EXITDEST"), one.means("EXITRSN", "released"), one.means("RTOAGNCY", "none")
    ),
    "EXITDEST.not_exited": pair("EXITDEST", "EXITD"),
    "EXITDEST.not_a_setting": destination_no_setting,
    "EXITDEST.not_an_area": destination_no_area,
    "EXITDEST.secure_hospital": lambda one: every(
        one.is_code("DISRSN", "84"), one.means("EXITDEST", "non_ndtms_secure")
    ),
    "EXITDEST.deported": discharged_as("98", "EXITDEST", "outside_uk"),
    "DISRSN.died": death,
    "DISRSN.without_exit": without_exit,
    "DISRSN.deported": discharged_as("98", "EXITRSN", "released"),
    "DISRSN.transfer_in_custody": discharged_as("84", "EXITRSN", "transferred"),
    "DISRSN.transfer_not_in_custody": discharged_as("83", "EXITRSN", "released"),
    "DISRSN.released_from_court": released_from_court,
    "RTOAGNCY.transferred": transferred_unreferred,
    "RTOAGNCY.refused": referred_after("71"),
    "RTOAGNCY.completed": referred_after("80", "81", "82"),
}
OF_CLIENTS: Mapping[str, Alone] = {
    "FINITIAL.format": lambda client: client.has("FINITIAL") and client.letter("FINITIAL") is None,
    "SINITIAL.format": lambda client: client.has("SINITIAL") and client.letter("SINITIAL") is None,
    "AGNCY.format": lambda client: client.has("AGNCY") and client.agency() is None,
}


def blank(header: str) -> Alone:
    return lambda record: record.lacks(header)


def no_date(header: str) -> Alone:
    return lambda record: record.has(header) and record.day(header) is None


def future(header: str) -> Alone:
    return lambda record: less(EXTRACTED_ON, record.day(header))


def unlisted(header: str) -> Alone:
    return lambda record: record.list_of(header).checks and record.has(header) and record.code(header) is None


def out_of_range(header: str) -> Alone:
    def holds(record: Record) -> Answer:
        is_asked = record.is_whole(header) or header == "AUDIT"
        return is_asked and record.has(header) and record.number(header) is None

    return holds


def no_number(header: str) -> Alone:
    return lambda record: record.has(header) and not record.is_whole(header)


def _family(
    kind: str, headers: Iterable[tuple[str, str]], statement: Callable[[str], Alone]
) -> Iterable[tuple[str, str, Alone]]:
    for entity, names in headers:
        for header in names.split():
            yield entity, f"{header}.{kind}", statement(header)


def list_alone() -> dict[str, dict[str, Alone]]:
    """By entity and name."""
    coded = [
        (row["entity"], header) for header, row in field_rows().items() if row["code_list"] and header != "CONSENT"
    ]
    found: dict[str, dict[str, Alone]] = {"client": {**OF_CLIENTS}, "episode": {**OF_EPISODES}, "intervention": {}}
    found["intervention"]["MODEND.order"] = before("MODEND", "MODST")
    for entity, name, statement in (
        *_family("blank", BLANK, blank),
        *_family("required", REQUIRED, blank),
        *_family("date", DATES, no_date),
        *_family("future", [(entity, names) for entity, names in DATES if entity != "client"], future),
        *_family("code", coded, unlisted),
        *_family("range", [("episode", " ".join(RANGES))], out_of_range),
        *_family("number", [("episode", " ".join(RANGES[1:]))], no_number),
    ):
        found[entity][name] = statement
    return found
