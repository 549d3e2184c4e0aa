"""Names the tables that a draft does not use, each with the reason."""

from collections.abc import Iterator, Sequence

from flows.intake.draft.choose import EntityDraft
from flows.intake.draft.places import Export
from flows.intake.draft.source_tables import ExportTables, SourceTable
from flows.intake.draft.words import is_about_others
from flows.intake.draft.write_toml import list_used_tables
from flows.support.text import format_count
from transforms.tables.printable import printable


def describe_unused_tables(drafts: Sequence[EntityDraft], export: Export, read: ExportTables) -> Iterator[str]:
    """Yields a line for each table or file that the draft does not use."""
    used = {table.name for table in list_used_tables(drafts, export)}
    for table in export.tables.values():
        if table.name not in used:
            rows = format_count(len(table.rows), "row")
            yield printable(f"{table.name} ({rows}): {_find_reason(table, drafts, export)}")
    for name, reason in read.unread:
        yield printable(f"{name}: {reason}")


def _find_reason(table: SourceTable, drafts: Sequence[EntityDraft], export: Export) -> str:
    if not len(table.rows):
        return "it has no rows"
    main = {draft.table.name for draft in drafts}
    if is_about_others(table.name):
        return "its name shows that it is about other people or about the system"
    if any(one.to_table in main for one in export.keys.list_from(table.name)):
        return "it refers to a table above, but no column or kind of row in it matches a field"
    if any(one.to_table == table.name for one in export.keys.references):
        return "other tables refer to it, but none of its columns matches a field"
    return "no column of it refers to the clients or episodes"
