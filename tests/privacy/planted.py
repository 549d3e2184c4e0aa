"""An export, its mapping and its settings, with a text of its own in each place that a text can come from.

A planted text looks like `Zqnamex0FORENAMEqz`: its kind, and where it was planted. It has letters and digits only, so
that it is the same in JSON, HTML and SQL.
"""

import json
import re
import zipfile
from pathlib import Path
from typing import Final

import xlsxwriter

from schemas.dataset import ENTITIES, ID_FIELD, TABLE, Entity
from tests.rules.world import World, columns_of

PERIOD, DAY, AGENCY = "2023-04", "2023-05-03", "L0001"
BORN, POSTCODE = "1961-07-23", "NR14 7UJ"
# The same day and postcode in the other forms in which a program may write them.
BIRTHDAYS: Final = ("1961-07-23", "23/07/1961", "19610723", "23-07-1961", "23 Jul 1961", "23-Jul-1961", "1961, 7, 23")
POSTCODES: Final = ("NR14 7UJ", "NR147UJ", "NR14+7UJ", "NR14%207UJ")

_PLANTED = re.compile(rb"zq([a-z]+)x([a-z0-9]+?)qz", re.IGNORECASE)
_IDS: Final = ("CLIENTID", "EPISODID", "MODID", "CLIENT", "CMSID")
# What a record needs to reach the stage it is for.
_NEEDED: Final = ("CONSENT", "AGNCY", *_IDS)
_FILES: Final[dict[Entity, str]] = {"client": "clients", "episode": "episodes", "intervention": "interventions"}


def plant(kind: str, place: str) -> str:
    """Returns the text that is planted in a place."""
    text = f"Zq{kind}x{re.sub(r'[^A-Za-z0-9]', '', place)}qz"
    assert _PLANTED.fullmatch(text.encode()), text
    return text


def find_planted(content: bytes) -> set[str]:
    """Returns the kinds of planted texts in the bytes of a file, also in UTF-16 and in other case."""
    kinds = {hit.decode().lower() for hit, _ in _PLANTED.findall(content.replace(b"\0", b""))}
    upper = content.upper()
    if any(form.upper().encode() in upper for form in BIRTHDAYS):
        kinds.add("birthday")
    if any(form.encode() in upper for form in POSTCODES):
        kinds.add("postcode")
    return kinds


def _filled(kind: str, number: int, **edit: str) -> World:
    """A client each of whose fields is a planted text, except those that decide what happens to the records."""
    words = {
        (name if entity == "client" or name not in ("CLIENTID", "EPISODID", "AGNCY") else f"{entity}.{name}"): plant(
            kind, f"{number}{entity}{name}"
        )
        for entity in ENTITIES
        for name in columns_of(entity)
        if name not in _NEEDED
    }
    return World(edit=words | _ids(number) | edit)


def _ids(number: int) -> dict[str, str]:
    client, episode = plant("id", f"{number}client"), plant("id", f"{number}episode")
    return {
        "CLIENTID": client, "episode.CLIENTID": client, "EPISODID": episode, "intervention.EPISODID": episode,
        "MODID": plant("id", f"{number}intervention"), "CLIENT": plant("id", f"{number}reference"),
        "CMSID": plant("id", f"{number}system"),
    }  # fmt: skip


def build_worlds() -> list[World]:
    """Returns clients that are sent, rejected, withheld and of another agency.

    The first is sent, with names, a day of birth and a postcode that must not be. The second is rejected, because no
    value of it is understood; its private fields are planted as `name`. The third has not consented.
    """
    names = {"FORENAME": plant("name", "0forename"), "SURNAME": plant("name", "0surname")}
    private = {name: plant("name", f"1{name}") for name in ("FORENAME", "SURNAME", "DOB", "PC", "NFA_UTLA")}
    return [
        World(edit=_ids(0) | names | {"DOB": BORN, "PC": POSTCODE}),
        _filled("word", 1, CONSENT="Y", **private),
        _filled("withheld", 2, CONSENT="N"),
        _filled("other", 3, CONSENT="Y", AGNCY="L0002", **private),
    ]


def write_planted(folder: Path, worlds: list[World] | None = None) -> Path:
    """Writes the export as CSV, XLSX and ZIP, with columns that the mapping does not name.  Returns its mapping."""
    export = folder / "export"
    export.mkdir(parents=True)
    for entity in ENTITIES:
        records = [
            record | {plant("header", entity): plant("note", f"{number}{entity}")}
            for number, world in enumerate(worlds or build_worlds())
            for record in world.records(entity, number)
        ]
        _write_table(export, entity, [[*records[0]], *([*record.values()] for record in records)])
    return write_mapping(folder, folder)


def file_name(entity: Entity) -> str:
    """Returns the name of the file of an entity."""
    return plant("file", entity) + {"client": ".csv", "episode": ".xlsx", "intervention": ".zip"}[entity]


def _write_table(export: Path, entity: Entity, rows: list[list[str]]) -> None:
    path = export / file_name(entity)
    if entity == "episode":
        book = xlsxwriter.Workbook(path, {"strings_to_formulas": False})
        sheet = book.add_worksheet(plant("sheet", "e"))
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        book.close()
        return
    text = "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows) + "\n"
    if entity == "client":
        path.write_text(text, encoding="utf-8")
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(f"{plant('file', 'member')}.csv", text)


def write_mapping(folder: Path, place: Path, top: str = "", column: str = "") -> Path:
    """Writes the mapping of an export, with planted texts in its title, comments, words and blanks.

    Args:
        folder: the folder that contains the export.
        place: where the mapping is written.
        top: a line at its top.
        column: the column that feeds CLIENTID, if it is another.
    """
    lines = [
        f"# {plant('comment', 'mapping')}", 'name = "planted"', f'title = "{plant("title", "mapping")}"',
        f'location = "{folder}/export"', f'blanks = ["{plant("blank", "mapping")}"]', top,
    ]  # fmt: skip
    for entity in ENTITIES:
        lines += [f"[{TABLE[entity]}]", f'file = "{file_name(entity)}"']
        lines += [f'sheet = "{plant("sheet", "e")}"'] if entity == "episode" else []
        feeds = {name: column if column and name == "CLIENTID" else name for name in columns_of(entity)}
        lines += [f"[{TABLE[entity]}.columns]", *(f'{name} = "{fed}"' for name, fed in feeds.items())]
        if entity == "client":
            lines += ["[clients.codes.SEX]", f'"{plant("label", "mapping")}" = "M"  # {plant("comment", "label")}']
    path = place / "planted.toml"
    place.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_sql(folder: Path, export: Path, query: str) -> None:
    """Writes a mapping with SQL, the same query for each table, with planted texts in its comments."""
    folder.mkdir(parents=True)
    tables = ""
    for table in TABLE.values():
        text = f"-- {plant('comment', table)}\n{query.replace('{table}', table)}\n"
        (folder / f"{table}.sql").write_text(text, encoding="utf-8")
        tables += f'[{table}]\nsql = "{table}.sql"\n'
    (folder / "system.toml").write_text(f'name = "system"\nlocation = "{export}"\n{tables}', encoding="utf-8")


def write_database_mapping(folder: Path) -> None:
    """Writes a mapping whose tables are queries of a database that does not answer."""
    folder.mkdir(parents=True)
    tables = "".join(
        f'[{TABLE[entity]}]\nquery = "select 1 -- {plant("comment", entity)}"\n'
        f'[{TABLE[entity]}.columns]\n{ID_FIELD[entity]} = "id"\n'
        for entity in ENTITIES
    )
    text = f'name = "planted"\ndatabase = "env:WARD_DATABASE"\n{tables}'
    (folder / "planted.toml").write_text(text, encoding="utf-8")


def write_reference(folder: Path) -> None:
    """Writes a code list with a planted label."""
    row = f"SEX,M,{plant('codelabel', 'sex')},,published,{plant('codelabel', 'source')}"
    text = f"list,code,label,concept,status,source\n{row}\n"
    (folder / "code-lists.csv").write_text(text, encoding="utf-8")


def write_settings(folder: Path, top: str = "") -> None:
    """Writes the settings of a home with planted texts in a comment and the name of an agency."""
    folder.mkdir(parents=True, exist_ok=True)
    text = f'# {plant("comment", "settings")}\n{top}[agencies]\nL0001 = "{plant("agency", "settings")}"\n'
    (folder / "settings.toml").write_text(text, encoding="utf-8")


def secrets() -> dict[str, str]:
    """Returns variables of the environment with planted secrets."""
    return {
        "NDTMS_S3_OPTIONS": json.dumps({"key": plant("secret", "s3key"), "secret": plant("secret", "s3secret")}),
        "NDTMS_SFTP_OPTIONS": json.dumps({"password": plant("secret", "sftp")}),
        "WARD_DATABASE": f"postgresql://{plant('secret', 'user')}:{plant('secret', 'password')}@127.0.0.1:1/ward",
        "NDTMS_AUDIT_NEW_KEY": plant("secret", "newkey"),
        "PREFECT_API_AUTH_STRING": plant("secret", "prefect"),
        "AWS_SECRET_ACCESS_KEY": plant("secret", "aws"),
    }
