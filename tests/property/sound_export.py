"""A small sound export to edit by hand, and a record described for a failure."""

from tests.property.exports import CLIENT_FIELDS, EPISODE_FIELDS, INTERVENTION_FIELDS, Batch
from tests.property.plain_records import read_shipped_lists
from tests.property.plain_stages import PlainExport


def build_sound_export(
    clients: list[dict[str, str]], episodes: list[dict[str, str]], interventions: list[dict[str, str]]
) -> Batch:
    """An export of sound records of client C1, episode E1 and intervention M1, except for the edits."""
    sound = {
        "client": {"CLIENTID": "C1", "FINITIAL": "M", "SINITIAL": "O", "DOB": "1990-01-10", "SEX": "M"}
        | {"AGNCY": "L0001"},
        "episode": {"CLIENTID": "C1", "EPISODID": "E1", "CMSID": "K", "CONSENT": "Y", "INTRCPTD": "2023-01-10"}
        | {"RECPDT": "2023-01-10", "TRIAGED": "2023-01-10", "DRUG1": "1011"},
        "intervention": {"EPISODID": "E1", "MODID": "M1", "MODAL": "DRW", "MODST": "2023-01-10"},
    }
    headers = {"client": CLIENT_FIELDS, "episode": EPISODE_FIELDS, "intervention": INTERVENTION_FIELDS}
    given_rows = {"client": clients, "episode": episodes, "intervention": interventions}
    tables = {
        entity: [dict.fromkeys(headers[entity], "") | sound[entity] | row for row in rows]
        for entity, rows in given_rows.items()
    }
    return Batch(tables, read_shipped_lists(), "L0001")


def describe_record(export: PlainExport, place: tuple[str, int]) -> str:
    """Describes a record with its relatives and their results, for the message of a failure."""
    record = export.records[place[0]][place[1]]
    near = [
        record,
        *record.parents,
        *(other for parent in record.parents for other in parent.parents),
        *record.children,
    ]
    near += [other for parent in record.parents for other in parent.children if other is not record]
    statuses = {name: code_list.status if code_list.rows else "empty" for name, code_list in export.lists.items()}
    return "\n".join(
        [
            f"agency {export.agency}, lists {statuses}",
            *(
                f"{shown.entity} {shown.index} {export.outcomes[shown.entity, shown.index]} {dict(shown.texts)}"
                f" {sorted(rule for *at, rule in export.findings if at == [shown.entity, shown.index])}"
                for shown in near
            ),
        ]
    )
