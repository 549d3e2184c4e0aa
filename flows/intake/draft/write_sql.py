"""Writes a draft as SQL: one query for each table of the dataset, and the mapping that names them."""

from collections.abc import Iterator, Sequence

from flows.files.csv import Dialect
from flows.intake.draft.choose import EntityDraft
from flows.intake.draft.conditions import find_conditions
from flows.intake.draft.places import Candidate, Export
from flows.intake.draft.source_tables import SourceTable
from flows.intake.draft.sql_groups import Group, group_places, list_order_forms
from flows.intake.draft.sql_text import comment, name_of, quote_text, write_condition
from flows.intake.draft.write_toml import (
    annotate,
    find_common_dialect,
    format_file,
    list_used_tables,
    quote,
    write_codes,
    write_constants,
    write_head,
    write_open_fields,
)
from schemas.dataset import TABLE

_EARLIEST = """-- What the queries share.  `earliest` is the opposite of `latest`, which the program provides.
create macro earliest(value, moment) as
    struct_extract(min(struct_pack(t := moment, v := value)) filter (where value is not null), 'v');
"""


def write_sql(
    drafts: Sequence[EntityDraft], export: Export, name: str, location: str, notes: Sequence[str]
) -> dict[str, str]:
    """Returns the files of a mapping with SQL, by name; the first one is the mapping itself.

    Args:
        drafts: the drafts of the three entities.
        export: the tables of the export.
        name: the name of the new source.
        location: where the files are; may contain {period} and {agency}.
        notes: comments for the end of the mapping, such as the tables that are not used.
    """
    queries = {f"{name}/{TABLE[draft.entity]}.sql": _write_query(draft, drafts, export) for draft in drafts}
    needs_shared = any("earliest(" in query for query in queries.values())
    forms = [form for draft in drafts for form in list_order_forms(draft, drafts, export)]
    lines = list(write_head(drafts, export, name, location, forms))
    if needs_shared:
        lines += ["", annotate(f"shared_sql = {quote(f'{name}/shared.sql')}", "macros that the queries share")]
    lines += ["", *write_constants(drafts)]
    used = list_used_tables(drafts, export)
    for table in used:
        lines += _write_own_table(table, find_common_dialect(used))
    for draft in drafts:
        table_name = TABLE[draft.entity]
        lines += ["", f"[{table_name}]", f"sql = {quote(f'{name}/{table_name}.sql')}"]
        lines += [*write_open_fields(draft), *write_codes(draft, export)]
    mapping = "\n".join([*lines, "", *notes]).rstrip() + "\n"
    shared = {f"{name}/shared.sql": _EARLIEST} if needs_shared else {}
    return {f"{name}.toml": mapping, **shared, **queries}


def _write_own_table(table: SourceTable, common: Dialect) -> Iterator[str]:
    """Yields how to read a table, if its file has an encoding or delimiter of its own."""
    keys = list(format_file(table, common))
    if any(key.startswith(("encoding", "delimiter")) for key in keys):
        yield from ["", f"[tables.{quote(table.name)}]", *keys]


def _write_query(draft: EntityDraft, drafts: Sequence[EntityDraft], export: Export) -> str:
    main, groups = name_of(draft.table.name), group_places(draft, drafts, export)
    parts = [part for group in groups if (part := group.write_part())]
    what, table = TABLE[draft.entity].capitalize(), comment(draft.table.name)
    lines = [f"-- {what}: one row for each row of {table}.  This is a draft: check each line."]
    lines += list(write_open_fields(draft, "--"))
    lines += [""]
    if parts:
        lines += ["with " + ",\n".join(parts)]
    lines += [
        "select",
        *_write_columns(draft, groups),
        f"    {main}.source_file,",
        f"    {main}.source_line",
        f"from {main}",
    ]
    lines += [line for group in groups for line in group.write_joins()]
    lines += _write_conditions(draft, drafts, export, groups)
    return "\n".join(lines) + "\n"


def _write_columns(draft: EntityDraft, groups: Sequence[Group]) -> Iterator[str]:
    main = name_of(draft.table.name)
    yield f"    {main}.{name_of(draft.id_column)} as {draft.id_field},  -- it identifies a row"
    if draft.parent_column:
        parent = name_of(draft.parent_column)
        yield f"    {main}.{parent} as {draft.parent_field},  -- its values are ids of the table above"
    for header, candidate in draft.chosen.items():
        group = next((group for group in groups if candidate in group.candidates), None)
        value = group.write_value(header, candidate) if group else _write_own_value(main, candidate)
        yield f"    {value} as {header},  -- {comment(candidate.reason)}"


def _write_own_value(main: str, candidate: Candidate) -> str:
    column, place = f"{main}.{name_of(candidate.place.column)}", candidate.place
    return f"string_split({column}, {quote_text(place.separator)})[{place.part}]" if place.part else column


def _write_conditions(
    draft: EntityDraft, drafts: Sequence[EntityDraft], export: Export, groups: Sequence[Group]
) -> Iterator[str]:
    """Yields the joins to the tables above and the conditions of all of them; a missing parent leaves a row in."""
    joined = {group.table for group in groups if group.is_joined_directly}
    tables, lower = [draft.table], draft
    for upper in reversed(drafts[: drafts.index(draft)]):
        if not lower.parent_column or export.keys.find(lower.table.name, upper.table.name) is None:
            break
        if find_conditions(upper.table) and upper.table.name not in joined:
            above, below = name_of(upper.table.name), name_of(lower.table.name)
            yield f"left join {above} on {above}.{name_of(upper.id_column)} = {below}.{name_of(lower.parent_column)}"
        elif upper.table.name not in joined:
            break
        tables.append(upper.table)
        lower = upper
    found = [(table, condition) for table in tables for condition in find_conditions(table)]
    word = "where"
    for table, condition in found:
        text = write_condition(table, condition)
        if condition.is_certain:
            yield f"{word} {text}  -- {comment(condition.reason)}"
            word = "    and"
        else:
            yield f"-- and {text}  -- is this right? {comment(condition.reason)}"
