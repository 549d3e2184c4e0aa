"""Fuzz target: source mappings, from the text of a TOML file to the records of a small export."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from flows.files.locations import Location
from flows.intake.extract import extract
from flows.sources.mapping_files import read_mapping
from flows.sources.named_mappings import SOURCES_DIRECTORY
from schemas.dataset import ENTITIES
from tests.fuzz.attempt import CANARY, FuzzInput, Target
from tests.fuzz.damage import SIGNS, damaged, nested
from tests.support.geography import SMALL_GEOGRAPHY

_EXPORT = {
    "clients.csv": f"id,given,born,sex\nP1,{CANARY},1990-01-01,F\nP2,Ann,31/12/1980,{CANARY}\n",
    "episodes.csv": f"id,client,postcode,agreed\nE1,P1,{CANARY},yes\nE2,P2,NR14 7UJ,no\n",
    "interventions.csv": f"id,episode,kind\nM1,E1,{CANARY}\nM2,E2,X\n",
}
_PLAIN = """name = "small"
dates = ["%d/%m/%Y"]
blanks = ["-"]
[constants]
CMSID = "1"
[clients]
file = "clients.csv"
where = { sex = ["F"] }
columns = { CLIENTID = "id", FORENAME = "given", DOB = "born", SEX = "sex" }
codes.SEX = { F = "F" }
[episodes]
file = "episodes.csv"
columns = { EPISODID = "id", CLIENTID = "client", PC = "postcode", CONSENT = "c.agreed" }
field_blanks = { PC = ["none"] }
[[episodes.join]]
name = "c"
file = "episodes.csv"
on = { id = "id" }
take = "first"
order_by = ["agreed desc"]
[interventions]
file = "interventions.csv"
columns = { MODID = "id", EPISODID = "episode", MODAL = "kind" }
"""
_WORDS = (
    b"extends", b"sql", b"query", b"database", b"location", b"join", b"where", b"codes", b"blanks", b"dates",
    b"constants",
    b"encoding", b"delimiter", b"sheet", b"member", b"marker", b"by_header", b"shared_sql", b"on", b"take", b"order_by",
    b'extends = "meadow"\n', b'extends = "input.toml"\n', b"{period}", b"{agency}", b"$period", b"{",
    b"1" * 5000, b"1e400",
    b"2023-04-01", b"0x", b"inf", b"true", b"[" * 2000, b"\\u0000", b"\\ud800", b"\\U0010ffff", b'"""', b"'''",
    b"a.b.c.",
    b'"*"', b'"^.*$"', b'"id"', b'""', b"%d", b"%Y", b"utf-16", b"idna", b"://", b"http://[", b"file:///etc/passwd",
    b"../../../etc/passwd", b"/dev/zero", b".", b"*.csv", CANARY.encode(),
)  # fmt: skip
_TEXTS = st.sampled_from((
    "", "id", "*", "^.*$", "\0", "é", "a" * 3000, "clients.csv", "*.csv", "../x.csv", "http://[x", "{x}", "{period}",
    "%d/%m/%Y",
    "sex", "c.agreed", "id desc", "utf-8", "utf-16", "cp037", "rot13", ",", "select 1", "$period", "$x", "\n", "[",
    "CLIENTID",
    "DRUG1, DRUG2", "AGNCY", f"postgresql://user:{CANARY}@host/db", f"sftp://user:{CANARY}@host/x", CANARY,
))  # fmt: skip
_LEAVES = _TEXTS | st.sampled_from((True, False, 0, -1, 10**30, 1.5))
_KEYS = (
    "name", "title", "dataset", "location", "database", "encoding", "delimiter", "blanks", "dates", "constants",
    "shared_sql", "tables", "clients", "episodes", "interventions", "extends", "unknown",
)  # fmt: skip
_TABLE_KEYS = (
    "file", "encoding", "delimiter", "sheet", "member", "marker", "query", "database", "sql", "join", "where", "blanks",
    "field_blanks", "dates", "columns", "codes", "by_header", "unknown",
)  # fmt: skip
# A message may quote the values of other keys.
_HIDDEN = frozenset({"database", "location", "query", "unknown"})


@st.composite
def _structures(draw: st.DrawFn) -> bytes:
    """A valid mapping with some keys replaced by other values, at the top and in its tables."""
    content: dict[str, Any] = tomllib.loads(_PLAIN)
    for _ in range(draw(st.integers(0, 4))):
        holder = content
        keys: tuple[str, ...] = _KEYS
        if draw(st.booleans()):
            holder = content.get(draw(st.sampled_from(("clients", "episodes", "interventions"))), {})
            keys = _TABLE_KEYS
            if isinstance(holder, dict) and draw(st.booleans()):
                inner = [value for value in holder.values() if isinstance(value, dict)]
                joins = holder.get("join")
                inner += [join for join in joins if isinstance(join, dict)] if isinstance(joins, list) else []
                holder = draw(st.sampled_from(inner)) if inner else holder
                keys = (*_TABLE_KEYS, "name", "on", "take", "order_by", "CLIENTID", "SEX", "PC", "id", "*")
        if isinstance(holder, dict):
            holder[draw(st.sampled_from(keys))] = draw(st.one_of(_TEXTS, _LEAVES, nested(_LEAVES)))
    return _write(content).encode()


def _write(content: dict[str, Any]) -> str:
    return "".join(f"{json.dumps(key)} = {_write_value(value)}\n" for key, value in content.items())


def _write_value(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_write_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return f"[{', '.join(map(_write_value, value))}]"
    return json.dumps(value)


def _list_shipped() -> list[bytes]:
    return [path.read_bytes() for path in sorted(SOURCES_DIRECTORY.glob("*.toml"))]


def read(tried: FuzzInput, folder: Path) -> None:
    """Reads a mapping, and a small export with it, in which each record has the canary."""
    inside = folder / "input"
    inside.mkdir()
    for name, text in _EXPORT.items():
        (inside / name).write_text(text, encoding="utf-8")
    path = inside / "input.toml"
    path.write_bytes(tried.content)
    mapping = read_mapping(path)
    for entity in ENTITIES:
        for join in mapping.table(entity).joins:
            _ = join.sort_columns
    _ = mapping.sql_distinguishes_months
    if b"://" in tried.content:
        # No test may look for a server.
        return
    extract(mapping, Location(str(inside)), SMALL_GEOGRAPHY)


def hides(tried: FuzzInput) -> bool:
    """Returns whether the canary is only in values that no message may quote, or only in the records."""
    text = tried.content.decode("utf-8", "replace")
    if CANARY not in text:
        return True
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError):
        return False
    places = [(key, value) for key, value in _walk(content, "") if CANARY in value]
    return all(key in _HIDDEN and not re.search(r"[{$*]", value) for key, value in places)


def _walk(content: object, key: str) -> Iterator[tuple[str, str]]:
    """Yields each text with its key, and each key as a text."""
    if isinstance(content, dict):
        for inner, value in content.items():
            yield "key", inner
            yield from _walk(value, inner if key in ("", "clients", "episodes", "interventions") else key)
    elif isinstance(content, list):
        for value in content:
            yield from _walk(value, key)
    else:
        yield key, str(content)


TARGET = Target(
    "mapping",
    st.one_of(
        _structures(), damaged([_PLAIN.encode(), *_list_shipped()], (*SIGNS, *_WORDS))
    ).map(lambda content: FuzzInput("toml", content)),
    read,
    examples=200,
    hides=hides,
)  # fmt: skip
