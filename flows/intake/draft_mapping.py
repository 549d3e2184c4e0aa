"""Drafts mappings from the headers and values of a system's tables.

A draft proposes a field if a header names it and the values do not contradict the header, and states the reason.
Unknown columns, and values that match no code, become comments.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import tomlkit

from flows.files.csv import Dialect, read_csv
from flows.files.isolated_reading import (
    PARQUET_ENDINGS,
    WORKBOOK_ENDINGS,
    read_parquet,
    read_sheet_names,
    read_workbook,
)
from flows.files.locations import Location
from flows.intake.header_words import load_fields_by_words, split_words
from flows.intake.missing_columns import is_like_a_value
from flows.support.errors import InputRefused
from flows.support.text import format_count
from schemas.code_lists import CodeLists
from schemas.dataset import ENTITIES, ID_FIELD, TABLE, Entity, get_field, list_entity_fields
from schemas.record_columns import FILE_LINE
from transforms.parse.clean import clean_text
from transforms.parse.codes import parse_codes, parse_countries
from transforms.parse.dates import parse_dates, parse_partial_dates, parse_whole_numbers
from transforms.parse.postcodes import parse_postcodes
from transforms.parse.stray_postcodes import hide_postcodes
from transforms.tables.printable import printable

_FORMS = ("%d %b %Y", "%d %b %Y %H:%M", "%d %B %Y", "%d.%m.%Y", "%Y/%m/%d", "%d-%m-%Y", "%d/%m/%Y %H:%M:%S")
_DELIMITERS = ",;|\t"
# A column may contain some invalid values and still be the right one.
_LEAST_SHARE = 0.8
_MOST_VALUES, _MOST_DISTINCT = 12, 80
# Texts that systems write for a blank; a draft proposes those that a column contains.
_BLANKS = ("NULL", "N/A", "None recorded", "Not recorded", "-")


@dataclass(frozen=True)
class SourceTable:
    """Holds a table of a system as cleaned text, and the format of its file."""

    file: str
    rows: pl.DataFrame
    sheet: str | None = None
    dialect: Dialect | None = None
    blanks: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        """Returns its columns, except the line."""
        return [column for column in self.rows.columns if column != FILE_LINE]


@dataclass(frozen=True)
class Proposal:
    """Holds a field, the column that is proposed for it, and the reason."""

    header: str
    column: str
    reason: str


@dataclass(frozen=True)
class TableDraft:
    """Holds the proposals for one entity's table, and for the tables to join with it."""

    entity: Entity
    table: SourceTable
    proposals: tuple[Proposal, ...]
    joins: tuple[tuple[SourceTable, str, tuple[Proposal, ...]], ...] = ()

    def iterate_proposals(self) -> Iterator[tuple[Proposal, SourceTable]]:
        """Yields every proposal with the table that contains its column."""
        yield from ((proposal, self.table) for proposal in self.proposals)
        for table, _, proposals in self.joins:
            yield from ((proposal, table) for proposal in proposals)


def read_for_draft(path: Path) -> list[SourceTable]:
    """Reads the tables of a file and detects its dialect.

    Raises:
        InputRefused: the file is not a table.
    """
    content = Location(str(path)).read()
    ending = path.suffix.lower()
    if ending in PARQUET_ENDINGS:
        return [_clean_table(SourceTable(path.name, read_parquet(content, str(path))))]
    if ending in WORKBOOK_ENDINGS:
        names = read_sheet_names(content, str(path))
        return [
            _clean_table(SourceTable(path.name, read_workbook(content, str(path), sheet), sheet)) for sheet in names
        ]
    dialect = _detect_dialect(content)
    return [_clean_table(SourceTable(path.name, read_csv(content, str(path), dialect), dialect=dialect))]


def _clean_table(table: SourceTable) -> SourceTable:
    """Cleans the table, and records which blank texts it contains."""
    texts = pl.col(pl.String).str.strip_chars()
    blanks = [blank for blank in _BLANKS if any(table.rows.select((texts == blank).any()).row(0))]
    return replace(table, rows=clean_text(table.rows, blanks), blanks=tuple(blanks))


def draft_tables(tables: Sequence[SourceTable], lists: CodeLists) -> list[TableDraft]:
    """Drafts each entity: its table is the one that names most of its fields, with other tables to join.

    Raises:
        InputRefused: no table has a column for an entity's id.
    """
    drafts: list[TableDraft] = []
    remaining = list(tables)
    for entity in ENTITIES:
        ranked = sorted(remaining, key=lambda table: len(_propose_fields(table, entity, lists)), reverse=True)
        # A table without the entity's id cannot be its main table, however many fields it has.
        best = next((table for table in ranked if _has_id_column(table, entity, lists)), None)
        if best is None:
            raise InputRefused(f"no table has a column for {ID_FIELD[entity]}; write a mapping by hand")
        remaining = [table for table in remaining if table is not best]
        drafts.append(TableDraft(entity, best, tuple(_propose_fields(best, entity, lists))))
    return [_add_joins(draft, remaining, lists) for draft in drafts]


def _has_id_column(table: SourceTable, entity: Entity, lists: CodeLists) -> bool:
    return any(proposal.header == ID_FIELD[entity] for proposal in _propose_fields(table, entity, lists))


def _add_joins(draft: TableDraft, other_tables: Sequence[SourceTable], lists: CodeLists) -> TableDraft:
    """Adds tables that contain each id of the draft's records at most once, and fields that the draft lacks."""
    key = next(proposal.column for proposal in draft.proposals if proposal.header == ID_FIELD[draft.entity])
    known = {proposal.header for proposal in draft.proposals}
    joins = []
    for table in other_tables:
        if key not in table.columns or table.rows[key].drop_nulls().is_duplicated().any():
            continue
        proposals = tuple(
            proposal for proposal in _propose_fields(table, draft.entity, lists) if proposal.header not in known
        )
        if proposals:
            joins.append((table, key, proposals))
    return replace(draft, joins=tuple(joins))


def _propose_fields(table: SourceTable, entity: Entity, lists: CodeLists) -> list[Proposal]:
    """Returns a proposal for each field that exactly one column names; the user must choose between several."""
    by_words = load_fields_by_words(entity)
    by_header: dict[str, list[Proposal]] = {}
    for column in table.columns:
        header = by_words.get(split_words(column))
        reason = _explain_match(table.rows[column], header, lists) if header else None
        if header and reason:
            by_header.setdefault(header, []).append(Proposal(header, column, reason))
    return [proposals[0] for proposals in by_header.values() if len(proposals) == 1]


def _explain_match(values: pl.Series, header: str, lists: CodeLists) -> str | None:
    """Returns why a column matches the field its name suggests; None if its values contradict the name."""
    number, kind = values.count(), find_kind(header)
    if number == 0 or not kind:
        return "its name; the column is empty" if number == 0 else "its name"
    if kind == "code":
        return _explain_coded_match(values, header, lists)
    if kind not in _PARSERS:
        return f"its name; {values.n_unique()} different values in {len(values)} rows"
    what, parse = _PARSERS[kind]
    parsed = parse(values).count()
    return (
        f"its name, and {_format_share(parsed, number)} of its values are {what}"
        if parsed >= _LEAST_SHARE * number
        else None
    )


# The name of each kind's values, and the function that parses them.
_PARSERS: dict[str, tuple[str, Callable[[pl.Series], pl.Series]]] = {
    "date": ("dates", lambda values: parse_dates(values, _FORMS)),
    "partial_date": ("dates", lambda values: parse_partial_dates(values, _FORMS)),
    "integer": ("whole numbers", lambda values: parse_whole_numbers(values, 0, 10**9)),
    "postcode": ("postcodes", lambda values: parse_postcodes(values).struct.unnest()["sector"]),
}


def _explain_coded_match(values: pl.Series, header: str, lists: CodeLists) -> str | None:
    # A coded field has few distinct values; these three have long lists.
    if header != "NATION" and values.n_unique() > _MOST_DISTINCT and header not in ("UTLA", "EXITDEST", "PRISON"):
        return None
    matched = _match_codes(values, header, lists)
    return f"its name; {_format_share(matched.count(), values.count())} of its values match a code or label"


def _match_codes(values: pl.Series, header: str, lists: CodeLists) -> pl.Series:
    code_list = lists[get_field(header).code_list]
    return (parse_countries if header == "NATION" else parse_codes)(values, code_list)


def _format_share(part: int, whole: int) -> str:
    return f"{100 * part // whole}%"


def _detect_dialect(content: bytes) -> Dialect:
    """Detects the likely encoding and delimiter of a file."""
    try:
        text, encoding = content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        text, encoding = content.decode("cp1252", errors="replace"), "cp1252"
    # The delimiter is the most frequent candidate in the header, whose names rarely contain one.
    header = text.lstrip().partition("\n")[0]
    return Dialect(encoding, max(_DELIMITERS, key=header.count))


def as_mapping(drafted: Sequence[TableDraft], lists: CodeLists, name: str) -> str:
    """Returns the draft as a mapping in TOML, with the reasons as comments."""
    lines = [
        "# A draft that `ndtms source new` made from headers and values.  Check every line; what is unknown is a",
        "# comment.  docs/mapping-your-system.md explains every key.",
        "",
        f"name = {_quote(name)}",
        'location = "."                                # the directory of the files; may contain {period} and {agency}',
        *_format_options(drafted),
        "",
        "[constants]",
        '# CMSID = "..."                               # clinical system and version',
    ]
    for draft in drafted:
        lines += ["", *_format_table(draft, lists)]
    return "\n".join(lines) + "\n"


def _format_options(drafted: Sequence[TableDraft]) -> Iterator[str]:
    blanks = [
        blank for blank in _BLANKS if any(blank in table.blanks for draft in drafted for table in _list_tables(draft))
    ]
    if blanks:
        yield f"blanks = [{', '.join(map(_quote, blanks))}]"
    forms = [form for form in _FORMS if any(_needs_form(form, draft) for draft in drafted)]
    if forms:
        yield f"dates = [{', '.join(map(_quote, forms))}]"


def _list_tables(draft: TableDraft) -> list[SourceTable]:
    return [draft.table, *(table for table, _, _ in draft.joins)]


def _needs_form(form: str, draft: TableDraft) -> bool:
    """Returns whether only this date form parses some date of the draft."""
    for proposal, table in draft.iterate_proposals():
        if find_kind(proposal.header) in ("date", "partial_date"):
            values = table.rows[proposal.column]
            others = [other for other in _FORMS if other != form]
            # Two forms can parse the same text, so only a form that adds values is necessary.
            if parse_partial_dates(values, _FORMS).count() > parse_partial_dates(values, others).count():
                return True
    return False


def find_kind(header: str) -> str:
    """Returns the kind of a field; names and areas, which only derive other fields, have none."""
    return "" if header in ("FORENAME", "SURNAME", "NFA_UTLA") else get_field(header).kind


def _format_table(draft: TableDraft, lists: CodeLists) -> Iterator[str]:
    name = TABLE[draft.entity]
    yield f"[{name}]"
    yield from _format_file(draft.table)
    for table, key, _ in draft.joins:
        yield ""
        yield f"[[{name}.join]]"
        yield f"name = {_quote(_join_name(table))}"
        yield from _format_file(table)
        yield f"on = {{ {_quote(key)} = {_quote(key)} }}"
    yield ""
    yield f"[{name}.columns]"
    yield from (_format_line(proposal.header, proposal.column, proposal.reason) for proposal in draft.proposals)
    for table, _, proposals in draft.joins:
        yield from (
            _format_line(proposal.header, f"{_join_name(table)}.{proposal.column}", proposal.reason)
            for proposal in proposals
        )
    iterate_proposals = {proposal.header for proposal, _ in draft.iterate_proposals()}
    missing = [field.header for field in list_entity_fields(draft.entity) if field.header not in iterate_proposals]
    if missing:
        yield f"# No column was found for: {', '.join(missing)}"
    used = {proposal.column for proposal in draft.proposals}
    unused = [column for column in draft.table.columns if column not in used]
    yield from (f"# ... = {_quote(column)}" for column in unused if not is_like_a_value(column))
    hidden = sum(map(is_like_a_value, unused))
    if hidden:
        columns = format_count(hidden, "more column")
        yield f"# {columns} not shown: line 1 has values there that do not look like column names"
    yield from _format_codes(draft, lists)


def _format_codes(draft: TableDraft, lists: CodeLists) -> Iterator[str]:
    """Yields the values of coded fields that match no code, for the user to fill in."""
    for proposal, table in draft.iterate_proposals():
        if find_kind(proposal.header) != "code":
            continue
        values = table.rows[proposal.column]
        unmatched = hide_postcodes(
            values.filter(values.is_not_null() & _match_codes(values, proposal.header, lists).is_null())
        )
        if not len(unmatched) or not lists[get_field(proposal.header).code_list].codes:
            continue
        yield ""
        yield f"# [{TABLE[draft.entity]}.codes.{proposal.header}]"
        frequent = (
            unmatched.value_counts(sort=True).sort("count", unmatched.name, descending=[True, False]).head(_MOST_VALUES)
        )
        yield from (f'# {_quote(value)} = "..."    # {number} records' for value, number in frequent.iter_rows())


def _format_file(table: SourceTable) -> Iterator[str]:
    yield f"file = {_quote(table.file)}"
    if table.sheet:
        yield f"sheet = {_quote(table.sheet)}"
    if table.dialect and table.dialect.encoding != "utf-8":
        yield f"encoding = {_quote(table.dialect.encoding)}"
    if table.dialect and table.dialect.delimiter != ",":
        yield f"delimiter = {_quote(table.dialect.delimiter)}"


def _join_name(table: SourceTable) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in (table.sheet or Path(table.file).stem))


def _format_line(header: str, column: str, reason: str) -> str:
    return f"{header} = {_quote(column)}".ljust(46) + f"# {reason}"


def _quote(text: str) -> str:
    """Returns a text as a TOML string on one line, whatever it contains."""
    written = tomlkit.string(text).as_string()
    # TOML allows some characters unescaped that would move the cursor or end a line on a terminal.
    return "".join(f"\\u{ord(letter):04x}" if printable(letter) != letter else letter for letter in written)
