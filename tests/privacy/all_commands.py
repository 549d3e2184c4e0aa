"""Every command and flow, on success and on failures, on the planted export."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from schemas.dataset import TABLE, Entity
from tests.privacy.planted import (
    PERIOD,
    build_worlds,
    file_name,
    plant,
    write_database_mapping,
    write_mapping,
    write_planted,
    write_reference,
    write_settings,
    write_sql,
)
from tests.privacy.serving import NOT_TAKEN, TAKEN
from tests.privacy.sessions import Command, month
from tests.privacy.site_files import DEPLOYMENTS, FORMATS, POSTCODES, RELEASE, write_deployments, write_references
from tests.support.exports import write_export
from tests.support.homes import make_small_home

RUN = "L0001-2023-04-1"
# The process with a Prefect server.
SERVED: Final = "served"


def prepare(root: Path) -> None:
    """Writes what the commands read: the exports, the mappings, and the homes with their settings."""
    for home in ("home", "other", "killed", "flows", "references", "encrypted"):
        make_small_home(root / home)
        write_settings(root / home)
    write_planted(root / "given" / "input")
    write_mapping(root / "given" / "input", place=root / "given" / "site" / "sources")
    write_reference(root / "given" / "input")
    write_references(root / "given" / "references")
    write_deployments(root / "given" / "sites", root / "given" / "site")
    write_export(root / "given" / "plain", *build_worlds())
    write_sql(root / "given" / "sql", root / "given" / "plain", "select * from {table}")
    # The second client is rejected, with its episode and intervention: the corrections are those of its files.
    for table in TABLE.values():
        header, *rows = (root / "given" / "plain" / f"{table}.csv").read_text(encoding="utf-8").splitlines()
        corrected = root / "given" / "corrected" / f"{table}.csv"
        corrected.parent.mkdir(exist_ok=True)
        corrected.write_text(f"{header}\n{rows[1]}\n", encoding="utf-8")
    for name, damage in DAMAGES.items():
        shutil.copytree(root / "given" / "plain", root / "given" / "damaged" / name)
        damage(root / "given" / "damaged" / name / "clients.csv")
    for name, (entity, damage) in MAPPED_DAMAGES.items():
        folder = root / "given" / "damaged" / name
        write_mapping(folder, place=folder)
        shutil.copytree(root / "given" / "input" / "export", folder / "export")
        damage(folder / "export" / file_name(entity))
    write_sql(root / "given" / "sql cast", root / "given" / "plain", "select columns(*)::integer from {table}")
    write_sql(
        root / "given" / "sql mistake",
        root / "given" / "plain",
        f"select {plant('comment', 'mistake')} from {{table}} where '",
    )
    write_settings(root / "given" / "settings", f"{plant('comment', 'key')} = 1\n")
    write_database_mapping(root / "given" / "database")
    write_mapping(
        root / "given" / "wrong key", place=root / "given" / "wrong key", top=f'wrong = "{plant("label", "wrong key")}"'
    )
    write_mapping(root / "given" / "input", place=root / "given" / "no column", column="Missing")


def _edit(old: str, new: str, times: int = 1) -> Callable[[Path], None]:
    def edit(path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, times), encoding="utf-8")

    return edit


def _cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def _remove_header(path: Path) -> None:
    path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[1:]), encoding="utf-8")


def _repeat_rows(path: Path) -> None:
    """Gives a client a second record that differs."""
    text = path.read_text(encoding="utf-8")
    path.write_text(text + text.splitlines()[1].replace(",M,", ",F,") + "\n", encoding="utf-8")


_NAME: Final = plant("name", "0surname")
# Each gives clients.csv a fault near a name.
DAMAGES: Final[dict[str, Callable[[Path], object]]] = {
    "no header": _remove_header,
    "short row": _edit(f",{_NAME}", _NAME),
    "long row": _edit(_NAME, f"{_NAME},{_NAME}"),
    "open quote": _edit(_NAME, f'"{_NAME}'),
    "text after quote": _edit(_NAME, f'"{_NAME}"{_NAME}'),
    "NUL byte": _edit(_NAME, f"{_NAME}\0"),
    "other encoding": lambda path: path.write_bytes(
        path.read_bytes().replace(_NAME.encode(), _NAME.encode() + b"\xe9")
    ),
    "repeated header": _edit("SURNAME", "FORENAME"),
    "duplicate ids": _repeat_rows,
    "rounded id": _edit(plant("id", "0client"), "1.23457E+11"),
    "postcode as id": _edit(plant("id", "0client"), "NR14 7UJ"),
}
# The same for one of the files of the mapped export.
MAPPED_DAMAGES: Final[dict[str, tuple[Entity, Callable[[Path], None]]]] = {
    "mapped without header": ("client", _remove_header),
    "damaged workbook": ("episode", _cut_short),
    "damaged archive": ("intervention", _cut_short),
}
# Those that are findings, not refusals: the month is checked.
_CHECKED: Final = ("duplicate ids", "postcode as id")
_VIEWS: Final = (
    "rejected", "runs", "findings", "mismatches", "completeness", "unmapped", "quality", "changes", "due", "releases",
    "transfers", "figures", "worklist",
)  # fmt: skip


def list_sessions(root: Path) -> dict[str, list[Command]]:
    """Returns all commands, by the process in which they run."""
    return {
        "successes": list_successes(root), "failures": list_failures(root), "killed": list_killed(),
        "references": list_references(root), "encrypted": list_encrypted(), SERVED: list_served(root),
    }  # fmt: skip


def list_successes(root: Path) -> list[Command]:
    """Returns the commands as people use them, in an order in which each has something to show."""
    out, client = root / "asked", plant("id", "0client")
    out.mkdir()
    return [
        Command("help", ("--help",), home=None),
        Command("rules", ("rules", "--format", "csv"), home=None),
        Command("codes", ("codes", "SEX")),
        Command("source new", ("source", "new", root / "given" / "plain", "--out", out / "drafted.toml")),
        Command("source new shown", ("source", "new", root / "given" / "input" / "export")),
        Command("source check", ("source", "check", "planted", "--period", PERIOD)),
        Command("reference diff", ("reference", "diff", root / "given" / "input" / "code-lists.csv")),
        Command("reference load", ("reference", "load", root / "given" / "input" / "code-lists.csv", "--yes")),
        Command("reference unload", ("reference", "unload", "SEX")),
        Command("check", ("check", *month("planted"))),
        Command("check out", ("check", *month("planted", "--out", out / "findings.xlsx"))),
        Command("check sql", ("check", *month(root / "given" / "sql" / "system.toml"))),
        Command("submit", ("submit", *month("planted"))),
        Command("submit again", ("submit", *month("planted", "--accept-same-input", plant("reason", "same")))),
        Command("submit other", ("submit", *month("planted", agency="L0002")), 3),
        Command("submit plain", ("submit", *month(root / "given" / "plain")), home="other"),
        *(Command(name, (name, "--format", "csv")) for name in _VIEWS),
        Command("status", ("status", "--format", "csv"), 3),
        Command("settings", ("settings", "--format", "json")),
        Command("worklist out", ("worklist", "--out", out / "worklist.xlsx")),
        Command("report", ("report",)),
        Command("report out", ("report", "--run", RUN, "--out", out / "report.html")),
        Command("report for sharing", ("report", "--for-sharing")),
        Command("figures for sharing", ("figures", "--for-sharing")),
        Command("compare", ("compare", RUN, "L0001-2023-04-2")),
        Command("explain", ("explain", "SEX.code", "--run", RUN, "--entity", "client", "--line", "3")),
        Command("ask", ("ask", "rows-lost")),
        Command("sql", ("sql", "from sent_rows", "--format", "csv")),
        Command("replay", ("replay", "--run", RUN, "--input", root / "given" / "corrected"), home="other"),
        Command("backfill", ("backfill", "--source", "planted", "--from", PERIOD, "--to", PERIOD), 3),
        Command("upgrade", ("upgrade",)),
        Command("backup", ("backup", root / "backups")),
        Command("verify", ("verify", "--format", "csv"), 3),
        Command("forget", ("forget", "--superseded", "--reason", "schedule")),
        Command("forget client", ("forget", "--client", client, "--agency", "L0001", "--reason", "x"), home="other"),
    ]  # fmt: skip


def list_failures(root: Path) -> list[Command]:
    """Returns commands that are refused or fail, each where a message could quote what was planted."""
    sent = "from sent_rows"
    return [
        *(
            Command(name, ("check", *month(root / "given" / "damaged" / name)), 3 if name in _CHECKED else 2)
            for name in DAMAGES
        ),
        *(
            Command(f"{name}, {word}", (*word.split(), *words), 2)
            for name in MAPPED_DAMAGES
            for mapping in (root / "given" / "damaged" / name / "planted.toml",)
            for word, words in (("submit", month(mapping)), ("source check", (mapping, "--period", PERIOD)))
        ),
        Command("draft without header", ("source", "new", root / "given" / "damaged" / "no header"), 2),
        Command("sql cast", ("check", *month(root / "given" / "sql cast" / "system.toml")), 2),
        Command("sql mistake", ("check", *month(root / "given" / "sql mistake" / "system.toml")), 2),
        Command("wrong key", ("check", *month(root / "given" / "wrong key" / "planted.toml")), 2),
        Command("no column", ("check", *month(root / "given" / "no column" / "planted.toml")), 2),
        Command("database", ("check", *month(root / "given" / "database" / "planted.toml")), 2),
        Command(
            "wrong options",
            ("check", *month("planted", "--input", "s3://bucket/export")),
            2,
            variables={"NDTMS_S3_OPTIONS": plant("secret", "options")},
        ),
        Command("password in a place", ("check", *month(f"s3://user:{plant('secret', 'url')}@bucket/export")), 2),
        Command("full disk", ("submit", *month("planted"), "--accept-same-input", "x"), 1, "full disk"),
        Command("quoting error", ("submit", *month("planted"), "--accept-same-input", "x"), 1, "quoting error"),
        Command("unreadable settings", ("status",), 2, home="given/settings"),
        Command("audit key", ("runs",), 2, variables={"NDTMS_AUDIT_KEY": plant("secret", "wrong") * 3}),
        Command("short key", ("encrypt",), 2, variables={"NDTMS_AUDIT_KEY": plant("secret", "short")[:20]}),
        Command("query cast", ("sql", f"select CMSID::integer {sent}"), 2),
        Command("query error", ("sql", f"select error(SINITIAL || CMSID) {sent}"), 2),
        Command("query json", ("sql", f"select CMSID::json {sent}"), 2),
        Command("query date", ("sql", f"select strptime(CMSID, '%Y') {sent}"), 2),
        Command("unlikely correction", ("replay", "--run", RUN, "--input", root / "given" / "plain"), 2, home="other"),
    ]


def list_served(root: Path) -> list[Command]:
    """Returns commands that need a Prefect server, and the flows, on success and on failures.

    The watch and the reminder come last, because they report the others: to a webhook that takes the messages, and to
    one that refuses them.
    """
    submit = ("submit", *month("planted"), "--orchestrate")
    url = f"://user:{plant('secret', 'orchestrated')}@bucket/export"
    return [
        Command("flow", submit, home="flows"),
        Command("alarms", ("alarms", "--notify", TAKEN), home=None),
        Command("deploy preview", ("deploy", "--dry-run"), home=None),
        Command("deploy", ("deploy", "--prune"), home=None),
        _flow("flow submission", "submission", _MONTH | {"agency": "L0001"}),
        _flow("flow monthly", "monthly", _MONTH | {"agencies": ["L0001"]}),
        _flow("flow backfill", "backfill", _MONTHS | {"agencies": ["L0001"]}),
        Command("quoting flow", (*submit, "--accept-same-input", "x"), 1, "quoting error", "flows"),
        *(
            _flow(f"flow submission, {name}", "submission", _MONTH | {"source": str(source), "agency": "L0001"}, 1)
            for name in ("short row", "rounded id")
            for source in (root / "given" / "damaged" / name,)
        ),
        _flow("flow monthly quoting", "monthly", _MONTH | {"agencies": ["L0001"]}, 1, "quoting error"),
        _flow("flow monthly incomplete", "monthly", _MONTH, 1, "full disk"),
        _flow("flow backfill quoting", "backfill", _MONTHS, 1, "quoting workers"),
        _flow("flow backfill blocked", "backfill", _MONTHS | {"agencies": ["L0002"]}, 1),
        Command("orchestrated password", (*submit, "--input", f"s3{url}"), 2, home="flows"),
        Command("backfill password", (*_BACKFILL, "--orchestrate", "--store", f"s3{url}"), 2, home="flows"),
        *(
            Command(f"deploy, {name}", ("deploy",), 2, home=None, variables={"NDTMS_SITE": str(site)})
            for name in DEPLOYMENTS
            for site in (root / "given" / "sites" / name,)
        ),
        *(
            Command(f"{words[0]} silent", words, 2, home=None, variables={"PREFECT_API_URL": f"http{_SILENT}"})
            for words in (("deploy",), ("alarms", "--notify", TAKEN))
        ),
        Command("alarms without a block", ("alarms", "--notify", "custom-webhook/none"), 2, home=None),
        Command("alarms not taken", ("alarms", "--notify", NOT_TAKEN), home=None),
        _flow("flow reminder not taken", "reminder", _TODAY, 1),
        _flow("flow watch not taken", "watch", {}, 1, home=None),
        Command("alarms taken", ("alarms", "--notify", TAKEN), home=None),
        _flow("flow reminder", "reminder", _TODAY),
        _flow("flow watch", "watch", {}, home=None),
    ]  # fmt: skip


_MONTH: Final[dict[str, object]] = {"source": "planted", "period": PERIOD, "accept_same_input": "x"}
_MONTHS: Final[dict[str, object]] = {"source": "planted", "first": PERIOD, "last": PERIOD, "workers": 1}
_BACKFILL: Final = ("backfill", "--source", "planted", "--from", PERIOD, "--to", PERIOD)
# The month after the planted one is due.
_TODAY: Final[dict[str, object]] = {"today": "2023-06-15", "deadline_day": 20}
_SILENT: Final = f"://user:{plant('secret', 'server')}@127.0.0.1:1/api"


def _flow(
    name: str, flow: str, parameters: dict[str, object], code: int = 0, fault: str = "", home: str | None = "flows"
) -> Command:
    return Command(name, (flow,), code, fault, home, parameters=parameters)


def list_references(root: Path) -> list[Command]:
    """Returns the commands that load a file format, postcodes and lists from a PDF, right and damaged ones."""
    folder = root / "given" / "references"
    lists = folder / "right" / "lists.pdf"
    loads: list[tuple[str, tuple[object, ...], int]] = [
        ("format", ("format", folder / "right" / "format.toml"), 0),
        ("postcodes", ("postcodes", folder / "right" / RELEASE), 0),
        ("pdf shown", ("load", lists), 2),
        ("pdf diff", ("diff", lists), 0),
        ("pdf", ("load", lists, "--only", "SEX", "--yes"), 0),
        *((f"format, {name}", ("format", folder / name / "format.toml"), 2) for name in FORMATS if name != "right"),
        *((f"postcodes, {name}", ("postcodes", folder / name / RELEASE), 2) for name in POSTCODES if name != "right"),
        *((f"pdf, {name}", ("load", folder / name / "lists.pdf", "--yes"), 2) for name in ("cut short", "no list")),
    ]
    return [
        *(Command(f"reference {name}", ("reference", *words), code, home="references") for name, words, code in loads),
        Command("submit with references", ("submit", *month("planted")), home="references"),
    ]


def list_encrypted() -> list[Command]:
    """Returns commands on a home whose audit is encrypted, converted, and encrypted again with another key."""
    key, new_key = ({name: plant("secret", text) * 3} for name, text in _KEYS.items())
    steps: list[tuple[str, tuple[object, ...], dict[str, str]]] = [
        ("submit", month("planted"), key),
        ("check", month("planted"), key),
        *((name, ("--format", "csv"), key) for name in ("findings", "rejected", "worklist", "due")),
        ("report", (), key),
        ("explain", ("SEX.code", "--run", RUN, "--entity", "client", "--line", "3"), key),
        ("sql", ("from sent_rows", "--format", "csv"), key),
        ("encrypt --remove", (), key),
        ("encrypt", (), key),
        ("encrypt --new-key", (), key | new_key),
        ("runs", (), {"NDTMS_AUDIT_KEY": new_key["NDTMS_AUDIT_NEW_KEY"]}),
    ]
    return [
        Command(f"{name} encrypted", (*name.split(), *words), 0, "no extension", "encrypted", variables)
        for name, words, variables in steps
    ]


_KEYS: Final = {"NDTMS_AUDIT_KEY": "auditkey", "NDTMS_AUDIT_NEW_KEY": "auditnewkey"}


def list_killed() -> list[Command]:
    """Returns a command that is killed while its tables are in the home."""
    return [Command("killed", ("submit", *month("planted")), -9, "killed", "killed")]
