"""Writes a draft as a mapping in TOML; what is uncertain or unknown becomes a comment."""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

import polars as pl
import tomlkit

from flows.files.csv import Dialect
from flows.intake.draft.choose import EntityDraft
from flows.intake.draft.conditions import Condition, find_conditions
from flows.intake.draft.phrases import find_kind
from flows.intake.draft.places import Candidate, Export, Place
from flows.intake.draft.read_place import read_place
from flows.intake.draft.source_tables import SourceTable
from flows.intake.draft.values import list_forms, match_codes
from flows.intake.missing_columns import is_like_a_value
from flows.support.text import format_count
from schemas.dataset import TABLE, get_field
from transforms.parse.stray_postcodes import hide_postcodes
from transforms.tables.printable import printable

_MOST_VALUES, _LEAST_RECORDS, _LONGEST_VALUE = 12, 2, 60


def needs_sql(drafts: Sequence[EntityDraft], export: Export) -> bool:
    """Returns whether columns cannot be named one by one: a field is from certain rows, or from one of several."""
    return any(not _fits_toml(candidate, draft, export) for draft in drafts for candidate in draft.chosen.values())


def _fits_toml(candidate: Candidate, draft: EntityDraft, export: Export) -> bool:
    place = candidate.place
    if place.only or place.part is not None or candidate.relation == "many":
        return False
    join = find_join(place, draft, export)
    if join is None:
        return place.table == draft.table.name
    # A joined table may have one row for each key.
    other = export.tables[place.table].rows[join[1]].drop_nulls()
    return other.n_unique() == len(other)


def find_join(place: Place, draft: EntityDraft, export: Export) -> tuple[str, str] | None:
    """Returns the column of an entity's table and that of the place's table that join them."""
    if place.through and place.through[0] == draft.table.name:
        return place.through[1], export.keys.key[place.table]
    if place.through or place.table == draft.table.name:
        return None
    below = export.keys.find(place.table, draft.table.name)
    if below:
        return below.to_column, below.column
    above = export.keys.find(draft.table.name, place.table)
    return (above.column, above.to_column) if above else None


def write_toml(drafts: Sequence[EntityDraft], export: Export, name: str, location: str, notes: Sequence[str]) -> str:
    """Returns a mapping in TOML that names the columns one by one.

    Args:
        drafts: the drafts of the three entities.
        export: the tables of the export.
        name: the name of the new source.
        location: where the files are; may contain {period} and {agency}.
        notes: comments for the end of the file, such as the tables that are not used.
    """
    lines = [*write_head(drafts, export, name, location), "", *write_constants(drafts)]
    used = list_used_tables(drafts, export)
    for draft in drafts:
        lines += ["", *_write_table(draft, export, find_common_dialect(used)), *write_codes(draft, export)]
    return "\n".join([*lines, "", *notes]).rstrip() + "\n"


def write_head(
    drafts: Sequence[EntityDraft], export: Export, name: str, location: str, other_forms: Sequence[str] = ()
) -> Iterator[str]:
    """Yields the lines of a mapping before its tables; `other_forms` are those of dates that only order rows."""
    yield "# A draft that `ndtms source new` made from headers and values.  Check each line; its comment is the"
    yield "# reason for it.  What is unknown is a comment.  docs/mapping-your-system.md explains each key."
    yield ""
    yield f"name = {quote(name)}"
    yield annotate(f"location = {quote(location)}", "the directory of the files; may contain {period} and {agency}")
    used = list_used_tables(drafts, export)
    common = find_common_dialect(used)
    if common.encoding != Dialect.encoding:
        yield f"encoding = {quote(common.encoding)}"
    if common.delimiter != Dialect.delimiter:
        yield f"delimiter = {quote(common.delimiter)}"
    blanks = sorted({blank for table in used for blank in table.blanks})
    if blanks:
        yield f"blanks = [{', '.join(map(quote, blanks))}]"
    forms = list(dict.fromkeys((*list_needed_forms(drafts, export), *other_forms)))
    if forms:
        yield f"dates = [{', '.join(map(quote, forms))}]"


def write_constants(drafts: Sequence[EntityDraft]) -> Iterator[str]:
    """Yields the constants that a user must set, as comments."""
    chosen = {header for draft in drafts for header in draft.chosen}
    yield "[constants]"
    if "CMSID" not in chosen:
        yield annotate('# CMSID = "..."', "required: clinical system and version")
    if "AGNCY" not in chosen:
        yield annotate('# AGNCY = "L0001"', "required: the agency, if all records are of one")


def list_used_tables(drafts: Sequence[EntityDraft], export: Export) -> list[SourceTable]:
    """Returns the tables that a draft reads."""
    names = {draft.table.name for draft in drafts}
    names |= {candidate.place.table for draft in drafts for candidate in draft.chosen.values()}
    return [table for name, table in export.tables.items() if name in names]


def list_needed_forms(drafts: Sequence[EntityDraft], export: Export) -> list[str]:
    """Returns the date forms that the mapping must name."""
    found: dict[str, None] = {}
    for draft in drafts:
        for header, candidate in draft.chosen.items():
            if find_kind(header) in ("date", "partial_date"):
                found |= dict.fromkeys(list_forms(read_place(export, candidate.place).drop_nulls()))
    return list(found)


def _write_table(draft: EntityDraft, export: Export, common: Dialect) -> Iterator[str]:
    name = TABLE[draft.entity]
    yield f"[{name}]"
    yield from format_file(draft.table, common)
    yield from write_where(find_conditions(draft.table))
    joins: dict[tuple[str, str, str], str] = {}
    for candidate in draft.chosen.values():
        join = find_join(candidate.place, draft, export)
        if join and (candidate.place.table, *join) not in joins:
            joins[candidate.place.table, *join] = _name_join(candidate.place.table, [*joins.values()])
    for (table, own, other), join_name in joins.items():
        yield from ["", f"[[{name}.join]]", f"name = {quote(join_name)}", *format_file(export.tables[table], common)]
        yield f"on = {{ {quote(own)} = {quote(other)} }}"
    yield ""
    yield f"[{name}.columns]"
    yield _format_line(draft.id_field, draft.id_column, "it identifies a row")
    if draft.parent_column:
        yield _format_line(draft.parent_field, draft.parent_column, "its values are ids of the table above")
    for header, candidate in draft.chosen.items():
        join = find_join(candidate.place, draft, export)
        prefix = f"{joins[candidate.place.table, *join]}." if join else ""
        yield _format_line(header, prefix + candidate.place.column, candidate.reason)
    yield from write_open_fields(draft)
    yield from _write_unused_columns(draft)


def write_where(conditions: Sequence[Condition]) -> Iterator[str]:
    """Yields which rows to use: certain conditions as a key, the others as comments."""
    certain = [condition for condition in conditions if condition.is_certain]
    if certain:
        reasons = "; ".join(f"{condition.column} {condition.reason}" for condition in certain)
        inner = ", ".join(_format_condition(condition) for condition in certain)
        yield annotate(f"where = {{ {inner} }}", reasons)
    for condition in conditions:
        if not condition.is_certain:
            yield annotate(f"# where = {{ {_format_condition(condition)} }}", f"is this right? {condition.reason}")


def _format_condition(condition: Condition) -> str:
    return f"{quote_key(condition.column)} = [{', '.join(map(quote, condition.kept))}]"


def write_open_fields(draft: EntityDraft, comment: str = "#") -> Iterator[str]:
    """Yields the fields without a proposal, with the best candidates of each."""
    without = [header for header, candidates in draft.open_fields.items() if not candidates]
    doubtful = {header: candidates for header, candidates in draft.open_fields.items() if candidates}
    if without:
        yield f"{comment} Not proposed, no column was found: {', '.join(without)}"
    if doubtful:
        yield f"{comment} Not proposed, because it is not certain:"
    for header, candidates in doubtful.items():
        places = list(dict.fromkeys(printable(str(candidate.place)) for candidate in candidates))
        yield f"{comment}   {header}: {' or '.join(places)}"


def _write_unused_columns(draft: EntityDraft) -> Iterator[str]:
    used = {candidate.place.column for candidate in draft.chosen.values() if candidate.place.table == draft.table.name}
    used |= {draft.id_column, draft.parent_column or ""}
    unused = [column for column in draft.table.columns if column not in used]
    yield from (f"# ... = {quote(column)}" for column in unused if not is_like_a_value(column))
    hidden = sum(map(is_like_a_value, unused))
    if hidden:
        columns = format_count(hidden, "more column")
        yield f"# {columns} not shown: line 1 has values there that do not look like column names"


def write_codes(draft: EntityDraft, export: Export) -> Iterator[str]:
    """Yields the frequent values of coded fields that match no code, for the user to fill in."""
    for header, candidate in draft.chosen.items():
        if find_kind(header) != "code" or not export.lists[get_field(header).code_list].codes:
            continue
        values = read_place(export, candidate.place)
        unmatched = values.filter(values.is_not_null() & match_codes(values, header, export.lists).is_null())
        yield from _write_values(draft, header, unmatched)
    # The names of sites need codes before their column can be the agency.
    sites = draft.open_fields.get("AGNCY", ())
    if draft.entity == "episode" and len(sites) == 1:
        yield from _write_values(draft, "AGNCY", read_place(export, sites[0].place).drop_nulls())


def _write_values(draft: EntityDraft, header: str, values: pl.Series) -> Iterator[str]:
    """Yields the frequent values of a field, as comments to fill in."""
    frequent = (
        hide_postcodes(values.alias("value"))
        .value_counts(sort=True)
        .filter((pl.col("count") >= _LEAST_RECORDS) & (pl.col("value").str.len_chars() <= _LONGEST_VALUE))
        .sort("count", "value", descending=[True, False])
        .head(_MOST_VALUES)
    )
    if len(frequent):
        yield ""
        yield f"# [{TABLE[draft.entity]}.codes.{header}]"
    yield from (f'# {quote(value)} = "..."    # {number} records' for value, number in frequent.iter_rows())


def find_common_dialect(tables: Sequence[SourceTable]) -> Dialect:
    """Returns the encoding and delimiter of all text files, if they are the same, or those of the program."""
    found = {table.dialect for table in tables if table.dialect}
    return found.pop() if len(found) == 1 else Dialect()


def format_file(table: SourceTable, common: Dialect) -> Iterator[str]:
    """Yields the keys that say how to read a table, except those that are at the top of the mapping."""
    yield f"file = {quote(table.file)}"
    if table.sheet:
        yield f"sheet = {quote(table.sheet)}"
    if table.member:
        yield f"member = {quote(table.member)}"
    if table.dialect and table.dialect.encoding != common.encoding:
        yield f"encoding = {quote(table.dialect.encoding)}"
    if table.dialect and table.dialect.delimiter != common.delimiter:
        yield f"delimiter = {quote(table.dialect.delimiter)}"


def _name_join(table: str, taken: Sequence[str]) -> str:
    name = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in PurePosixPath(table).name)
    while name in taken:
        name += "-2"
    return name


def annotate(line: str, comment: str) -> str:
    """Returns a line with a comment on its right."""
    return f"{line.ljust(45)} # {printable(comment)}"


def _format_line(header: str, column: str, reason: str) -> str:
    return annotate(f"{header} = {quote(column)}", reason)


def quote_key(text: str) -> str:
    """Returns a text as a key of TOML."""
    return text if text.isascii() and text.replace("_", "").isalnum() else quote(text)


def quote(text: str) -> str:
    """Returns a text as a TOML string on one line, whatever it contains."""
    written = tomlkit.string(text).as_string()
    # TOML allows some characters unescaped that would move the cursor or end a line on a terminal.
    return "".join(f"\\u{ord(letter):04x}" if printable(letter) != letter else letter for letter in written)
