"""Writes how a query reads each other table: joined directly, or reduced to one row for each record."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flows.intake.draft.choose import EntityDraft
from flows.intake.draft.conditions import find_conditions
from flows.intake.draft.keys import Reference
from flows.intake.draft.places import Candidate, Export
from flows.intake.draft.source_tables import SourceTable
from flows.intake.draft.sql_text import name_of, quote_text, write_condition
from flows.intake.draft.values import is_date_column, list_forms
from flows.intake.draft.words import split_words
from transforms.parse.dates import parse_whole_numbers

# A row of these fields is the last one before the triage, or the first one after it.
_BEFORE, _AFTER = ("RECPDT", "INTRCPTD", "PRISON", "PC", "NFA_UTLA", "UTLA"), ("EXITD", "EXITRSN", "EXITDEST")
# An address has the days when it began and ended.
_ADDRESS, _END_WORDS = ("PC", "NFA_UTLA", "UTLA"), frozenset({"to", "end", "ended", "until"})
# The largest number that a row may have to be a `bigint`.
_LARGEST = 2**63 - 1
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_FIRST_WORDS = ("answered", "completed", "moved", "recorded", "from", "start", "taken", "updated", "created", "date")


@dataclass(frozen=True)
class Group:
    """Holds the candidates of one other table, and how its rows belong to the records.

    `reference` is from the table to the main table or the clients, or from the main table to this one.
    """

    table: str
    candidates: tuple[Candidate, ...]
    draft: EntityDraft
    export: Export
    reference: Reference
    # The column of yet another table that refers to this one, which is a look-up list.
    through: Reference | None = None
    suffix: str = ""

    @property
    def is_joined_directly(self) -> bool:
        """Returns whether a record has at most one row of the table."""
        if self.through:
            return False
        if self.reference.table == self.draft.table.name:
            return True
        if self.reference.to_table != self.draft.table.name:
            return False
        values = self.export.tables[self.table].rows[self.reference.column].drop_nulls()
        return values.n_unique() == len(values) and not any(one.place.only for one in self.candidates)

    @property
    def alias(self) -> str:
        """Returns the name of the table in the query."""
        name = f"{self.table}{self.suffix}"
        return name if self.is_joined_directly else f"{name}_by_record"

    def write_joins(self) -> Iterator[str]:
        """Yields the join of the table, and of the list that its column refers to."""
        main, alias = name_of(self.draft.table.name), name_of(self.alias)
        if self.reference.table == self.draft.table.name:
            own = f"{main}.{name_of(self.reference.column)}"
            named = f"{name_of(self.table)} as {alias}" if self.suffix else alias
            yield f"left join {named} on {alias}.{name_of(self.reference.to_column)} = {own}"
        elif self.is_joined_directly:
            marks = "".join(f" and {text}" for text in _list_conditions(self.export.tables[self.table]))
            own, other = name_of(self.reference.to_column), name_of(self.reference.column)
            yield f"left join {alias} on {alias}.{other} = {main}.{own}{marks}"
        else:
            yield f"left join {alias} on {alias}.record_id = {main}.{name_of(self._find_record_column())}"

    def write_value(self, header: str, candidate: Candidate) -> str:
        """Returns the value of a field in the main query."""
        place, alias = candidate.place, name_of(self.alias)
        column = name_of(place.column) if self.is_joined_directly else header
        if place.part and self.is_joined_directly:
            return f"string_split({alias}.{column}, {quote_text(place.separator)})[{place.part}]"
        return f"{alias}.{column}"

    def write_part(self) -> str:
        """Returns the part of the query that has one row for each record; nothing if the table is joined directly."""
        if self.through:
            return self._write_look_up(self.through)
        if self.is_joined_directly:
            return ""
        table, main = name_of(self.table), name_of(self.draft.table.name)
        is_of_client = self.reference.to_table != self.draft.table.name
        record = f"{main}.{name_of(self._find_record_column())}" if is_of_client else name_of(self.reference.column)
        values = [f"        {self._write_reduced(one, is_of_client)} as {one.header}" for one in self.candidates]
        lines = [f"{name_of(self.alias)} as (", "    select", f"        {record} as record_id,", ",\n".join(values)]
        lines += [f"    from {table}"]
        if is_of_client:
            parent, other = name_of(self.draft.parent_column or ""), name_of(self.reference.column)
            lines += [f"    join {main} on {main}.{parent} = {table}.{other}"]
        conditions = _list_conditions(self.export.tables[self.table])
        lines += [f"    {'and' if number else 'where'} {text}" for number, text in enumerate(conditions)]
        return "\n".join([*lines, "    group by record_id", ")"])

    def _write_look_up(self, through: Reference) -> str:
        """Returns the part for a list that another table than the main one refers to."""
        table, other, main = name_of(self.table), name_of(through.table), name_of(self.draft.table.name)
        is_below = self.reference.to_table == self.draft.table.name
        record = f"{other}.{name_of(self.reference.column)}" if is_below else f"{main}.{name_of(self.draft.id_column)}"
        values = [f"        max({table}.{name_of(one.place.column)}) as {one.header}" for one in self.candidates]
        lines = [f"{name_of(self.alias)} as (", "    select", f"        {record} as record_id,", ",\n".join(values)]
        lines += [f"    from {other}"]
        lines += [f"    join {table} on {table}.{name_of(through.to_column)} = {other}.{name_of(through.column)}"]
        if not is_below:
            own, key = name_of(self.reference.column), name_of(self.reference.to_column)
            lines += [f"    join {main} on {main}.{own} = {other}.{key}"]
        conditions = _list_conditions(self.export.tables[through.table])
        lines += [f"    {'and' if number else 'where'} {text}" for number, text in enumerate(conditions)]
        return "\n".join([*lines, "    group by record_id", ")"])

    def _find_record_column(self) -> str:
        is_of_client = self.reference.to_table != self.draft.table.name
        return self.draft.id_column if is_of_client else self.reference.to_column

    def _write_reduced(self, candidate: Candidate, is_of_client: bool) -> str:
        """Returns the value of the latest of several rows, or of the rows around the triage."""
        place, table = candidate.place, self.export.tables[self.table]
        # The names need their table only where another one is joined.
        prefix = f"{name_of(self.table)}." if is_of_client else ""
        column = f"{prefix}{name_of(place.column)}"
        order, function = self._find_order(), "latest"
        moment = _write_moment(table, order, prefix) if order else ""
        tests = [f"{prefix}{name_of(key)} = {quote_text(value)}" for key, value in place.only]
        if order and (day := self._write_triage_day(is_of_client)):
            moved = f"as_day({prefix}{name_of(order)})"
            # A row with both an arrival and a departure is one stay.
            if candidate.header in _AFTER and place.only:
                tests, function = [*tests, f"{moved} >= {day}"], "earliest"
            elif candidate.header in (*_BEFORE, *_AFTER):
                tests = [*tests, f"{moved} <= {day}"]
            if candidate.header in _ADDRESS and (end := _find_end(table, order)):
                # The end is blank while the client lives there.
                tests = [*tests, f"coalesce(as_day({prefix}{name_of(end)}), {day}) >= {day}"]
        if moment and len(tests) == 1 and place.only and function == "latest":
            key, value = place.only[0]
            question = f"{prefix}{name_of(key)}"
            reduced = f"answer({question}, {column}, {moment}, {quote_text(value)}{self._write_tie(prefix)})"
        else:
            value = f"case when {' and '.join(tests)} then {column} end" if tests else column
            tie = self._write_tie(prefix) if function == "latest" else ""
            reduced = f"{function}({value}, {moment}{tie})" if moment else f"max({value})"
        return f"string_split({reduced}, {quote_text(place.separator)})[{place.part}]" if place.part else reduced

    def _write_tie(self, prefix: str) -> str:
        """Returns the argument that decides between rows of the same time: the number of the row, if it has one."""
        key = self.export.keys.key.get(self.table)
        if key is None or parse_whole_numbers(self.export.tables[self.table].rows[key], 0, _LARGEST).null_count():
            return ""
        return f", tie := try_cast({prefix}{name_of(key)} as bigint)"

    def _find_order(self) -> str | None:
        """Returns the column that orders the rows: the arrival of a stay, or the date that looks most like a time."""
        arrived = next((one.place for one in self.candidates if one.header == "RECPDT"), None)
        return arrived.column if arrived else find_order(self.export.tables[self.table])

    def _write_triage_day(self, is_of_client: bool) -> str:
        """Returns the day of the triage for rows that belong to a client, not to an episode."""
        triaged = self.draft.chosen.get("TRIAGED")
        if not is_of_client or not triaged or triaged.place.table != self.draft.table.name:
            return ""
        return f"as_day({name_of(self.draft.table.name)}.{name_of(triaged.place.column)})"


def group_places(draft: EntityDraft, drafts: Sequence[EntityDraft], export: Export) -> list[Group]:
    """Returns the other tables that a draft reads, each with its candidates."""
    client = drafts[0].table.name
    by_table: dict[tuple[str, tuple[str, str] | None], list[Candidate]] = {}
    for candidate in draft.chosen.values():
        if candidate.place.table != draft.table.name:
            by_table.setdefault((candidate.place.table, candidate.place.through), []).append(candidate)
    groups: list[Group] = []
    for (table, through), candidates in by_table.items():
        look_up = None
        if through and through[0] != draft.table.name:
            look_up = Reference(*through, table, export.keys.key[table], 1.0, False)
            below = export.keys.find(through[0], draft.table.name)
            reference = below or export.keys.find(draft.table.name, through[0]) or look_up
        elif through and through[0] == draft.table.name:
            reference = Reference(through[0], through[1], table, export.keys.key[table], 1.0, False)
        else:
            found = export.keys.find(table, draft.table.name) or export.keys.find(draft.table.name, table)
            reference = found or export.keys.find(table, client) or Reference(table, "", client, "", 0.0, False)
        # Several columns may refer to one list.
        suffix = f"_{through[1]}" if through and any(group.table == table for group in groups) else ""
        groups.append(Group(table, tuple(candidates), draft, export, reference, look_up, suffix))
    return groups


def _list_conditions(table: SourceTable) -> list[str]:
    return [write_condition(table, one) for one in find_conditions(table) if one.is_certain]


def find_order(table: SourceTable) -> str | None:
    """Returns the date that orders the rows of a table."""
    dates = [column for column in table.columns if is_date_column(table.rows[column])]
    words = {column: set(column.lower().split("_")) | set(split_words(column)) for column in dates}

    def rank(column: str) -> int:
        return next((number for number, word in enumerate(_FIRST_WORDS) if word in words[column]), len(_FIRST_WORDS))

    return min(dates, key=rank, default=None)


def _find_end(table: SourceTable, order: str) -> str | None:
    """Returns the day when an address ended."""
    found = [
        column
        for column in table.columns
        if column != order
        and {word.lower() for word in _WORD.findall(column)} & _END_WORDS
        and is_date_column(table.rows[column])
    ]
    return found[0] if len(found) == 1 else None


def _write_moment(table: SourceTable, order: str, prefix: str) -> str:
    # as_moment reads only the forms of the program, not those of the mapping.
    name = "as_day" if list_forms(table.rows[order].drop_nulls()) else "as_moment"
    return f"{name}({prefix}{name_of(order)})"


def list_order_forms(draft: EntityDraft, drafts: Sequence[EntityDraft], export: Export) -> list[str]:
    """Returns the date forms of the columns that order the rows of other tables."""
    orders = [
        (export.tables[group.table], find_order(export.tables[group.table]))
        for group in group_places(draft, drafts, export)
        if not group.is_joined_directly
    ]
    return [form for table, order in orders if order for form in list_forms(table.rows[order].drop_nulls())]
