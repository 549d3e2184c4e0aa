"""Defines source mappings: how the tables of one clinical system become clients, episodes and interventions.

A mapping is a TOML file, which `mapping_files` reads. The directory of a plain export needs no file: its mapping is
built in.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    field_validator,
    model_validator,
)

from flows.files.encodings import is_readable_encoding
from flows.sources.query_parameters import distinguishes_months, find_mistake
from flows.sources.sort_columns import SortColumn, parse_sort_columns
from schemas.dataset import ENTITIES, ID_FIELD, TABLE, Entity, get_field, list_entity_fields
from transforms.parse.date_forms import DIRECTIVES, find_unknown_directive, reads_whole_dates

# The placeholders for the month and the agency in a location.
PLACEHOLDERS = ("{period}", "{agency}")

# The columns that a table may have in addition to the fields of its entity.
EXTRA_COLUMNS: dict[Entity, tuple[str, ...]] = {
    "client": ("FORENAME", "SURNAME"),
    "episode": ("CLIENTID", "NFA_UTLA", "AGNCY"),
    "intervention": ("EPISODID",),
}


def known_columns(entity: Entity) -> tuple[str, ...]:
    """Returns the columns that a table of this entity may have, in the order of the dataset."""
    return (*(field.header for field in list_entity_fields(entity)), *EXTRA_COLUMNS[entity])


def _check_encoding(encoding: str) -> str:
    if not is_readable_encoding(encoding):
        raise ValueError(
            f"the encoding {encoding!r} is unknown or cannot be read line by line; examples of allowed"
            " encodings: utf-8, cp1252, latin-1"
        )
    return encoding


def _check_forms(forms: tuple[str, ...]) -> tuple[str, ...]:
    for form in forms:
        if unknown := find_unknown_directive(form):
            raise ValueError(
                f"the date form {form!r} has {unknown!r}, which is not allowed; allowed: {', '.join(DIRECTIVES)},"
                " and .%f after %S"
            )
        if not reads_whole_dates(form):
            raise ValueError(
                f"the date form {form!r} does not give a whole date; it needs a day, a month and a four-digit year,"
                " as in %d/%m/%Y or %d %b %Y %H:%M"
            )
    return forms


def _strip_texts(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text.strip() for text in texts)


def _check_path(path: str) -> str:
    if "\0" in path:
        raise ValueError("a path must not contain a NUL character")
    return path


def _make_list(texts: Any) -> Any:
    return [texts] if isinstance(texts, str) else texts


Forms = Annotated[tuple[str, ...], AfterValidator(_check_forms)]
Blanks = Annotated[tuple[str, ...], AfterValidator(_strip_texts)]
FilePath = Annotated[str, AfterValidator(_check_path)]
Encoding = Annotated[str, AfterValidator(_check_encoding)]
# One column may be written without a list.
SortTexts = Annotated[tuple[str, ...], BeforeValidator(_make_list, json_schema_input_type=str | tuple[str, ...])]


class _Strict(BaseModel):
    # A table is validated as a part of its mapping, so only the mapping needs a validator, which is built at first use.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class TableFile(_Strict):
    """Where rows come from, a file (CSV, TSV, Excel, Parquet, also in gzip or ZIP) or a query, and its format."""

    ORIGINS: ClassVar[str] = "file and query"

    file: FilePath = ""
    encoding: Encoding | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    sheet: str | None = None
    member: str | None = None
    marker: str = ""
    query: str = ""
    database: Annotated[str, Field(pattern=r"^((env|block):[A-Za-z0-9_/-]+)?$")] = ""

    def list_origins(self) -> list[str]:
        """Returns what says where the rows come from."""
        return [self.file, self.query]

    @model_validator(mode="after")
    def _check_origin(self) -> "TableFile":
        if sum(map(bool, self.list_origins())) != 1:
            raise ValueError(f"exactly one of {self.ORIGINS} is required")
        if mistake := find_mistake(self.query):
            raise ValueError(mistake)
        if "://" in self.file and urlsplit(self.file).password:
            raise ValueError("file contains a password; credentials come from the environment or a Prefect block")
        return self


class Join(TableFile):
    """Another table whose columns are added as `name.column`.

    It has at most one row for each value of `on`, of those that `where` keeps. With `take`, it may have several: the
    first by `order_by` is added.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")]
    on: Annotated[dict[str, str], Field(min_length=1)]
    where: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    order_by: SortTexts = ()
    take: Literal["first"] | None = None

    @property
    def sort_columns(self) -> tuple[SortColumn, ...]:
        """Returns the columns that decide which row is first."""
        return parse_sort_columns(self.order_by)

    @model_validator(mode="after")
    def _check_order(self) -> "Join":
        parse_sort_columns(self.order_by)
        if self.order_by and not self.take:
            raise ValueError('order_by needs take = "first", because a join adds one row')
        if self.take and not self.order_by:
            raise ValueError("take needs order_by, the columns that decide which row is first")
        return self


class SqlFile(_Strict):
    """A file of SQL next to the mapping: its name there, and its text."""

    name: str
    text: str


class TableMapping(TableFile):
    """One table: where its rows come from, which rows are used, and which column feeds which field.

    The rows may also come from SQL over the files of the export. The columns of its result are fields, so that only
    `codes`, `dates`, `blanks` and `field_blanks` may be set as well. The key of a table of `codes` may name several
    fields, as in "DRUG1, DRUG2".
    """

    ORIGINS: ClassVar[str] = "file, query and sql"

    sql: FilePath = ""

    joins: Annotated[tuple[Join, ...], Field(alias="join")] = ()
    where: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    blanks: Blanks | None = None
    field_blanks: dict[str, Blanks] = Field(default_factory=dict)
    dates: Forms | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    codes: dict[str, dict[str, str]] = Field(default_factory=dict)
    by_header: bool = False

    @field_validator("codes", mode="before")
    @classmethod
    def _give_each_field_its_codes(cls, codes: Any) -> Any:
        if not isinstance(codes, dict):
            return codes
        of_field: dict[str, Any] = {}
        for key, meanings in codes.items():
            for header in (part.strip() for part in key.split(",")):
                if header in of_field:
                    raise ValueError(f"{header} is named twice; each field may have one table of codes")
                of_field[header] = meanings
        return of_field

    @model_validator(mode="before")
    @classmethod
    def _read_sql_by_header(cls, content: Any) -> Any:
        if not (isinstance(content, dict) and content.get("sql")):
            return content
        others = sorted(set(content).difference(("sql", "codes", "dates", "blanks", "field_blanks")))
        if others:
            raise ValueError(f"with sql, {others[0]} is not allowed; allowed: blanks, codes, dates and field_blanks")
        return {**content, "by_header": True}

    def list_origins(self) -> list[str]:
        """Returns what says where the rows come from."""
        return [self.file, self.query, self.sql]


class SourceMapping(_Strict):
    """A clinical system: where its tables are stored, what they are called, and how to parse their values."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    title: str = ""
    dataset: Annotated[str, Field(pattern="^[QR]$")] = "R"
    location: FilePath = "."
    database: Annotated[str, Field(pattern=r"^((env|block):[A-Za-z0-9_/-]+)?$")] = ""
    encoding: Encoding = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    blanks: Blanks = ()
    dates: Forms = ()
    constants: dict[str, str] = Field(default_factory=dict)
    shared_sql: FilePath = ""
    tables: dict[str, TableFile] = Field(default_factory=dict)
    clients: TableMapping
    episodes: TableMapping
    interventions: TableMapping
    _sql_texts: dict[str, str] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _check_fields(self) -> "SourceMapping":
        mistakes = [mistake for entity in ENTITIES for mistake in self._find_mistakes(entity)]
        mistakes += [
            f"{TABLE[entity]}.query has no database; set `database` to env:NAME or block:NAME, where its URI is stored"
            for entity in ENTITIES
            for table in (self.table(entity), *self.table(entity).joins)
            if table.query and not (table.database or self.database)
        ]
        if "://" in self.location and urlsplit(self.location).password:
            mistakes.append("location contains a password; credentials come from the environment or a Prefect block")
        mistakes += [
            f"constants.{header} is not a field of the dataset"
            for header in self.constants
            if not any(header in known_columns(entity) for entity in ENTITIES)
        ]
        if mistakes:
            raise ValueError("; ".join(mistakes))
        return self

    @property
    def table_sql_files(self) -> list[SqlFile]:
        """Returns the SQL of the tables that are built by SQL."""
        names = [self.table(entity).sql for entity in ENTITIES if self.table(entity).sql]
        return [SqlFile(name=name, text=self._sql_texts[name]) for name in names]

    @property
    def shared_sql_file(self) -> SqlFile | None:
        """Returns the views and macros that the tables share, if there are any."""
        return SqlFile(name=self.shared_sql, text=self._sql_texts[self.shared_sql]) if self.shared_sql else None

    @property
    def sql_files(self) -> list[SqlFile]:
        """Returns all SQL of the mapping."""
        return [*([self.shared_sql_file] if self.shared_sql_file else []), *self.table_sql_files]

    @property
    def sql_distinguishes_months(self) -> bool:
        """Returns whether the SQL of a table uses the month, so that one export can contain several months."""
        return any(distinguishes_months(file.text) for file in self.table_sql_files)

    def get_sql_file(self, entity: Entity) -> SqlFile:
        """Returns the SQL of the table of one entity."""
        name = self.table(entity).sql
        return SqlFile(name=name, text=self._sql_texts[name])

    def with_sql(self, texts: Mapping[str, str]) -> "SourceMapping":
        """Returns the mapping with the texts of its SQL files, by name."""
        mapping = self.model_copy()
        mapping._sql_texts = dict(texts)
        return mapping

    def table(self, entity: Entity) -> TableMapping:
        """Returns the table of one entity."""
        table: TableMapping = getattr(self, TABLE[entity])
        return table

    def _find_mistakes(self, entity: Entity) -> list[str]:
        table, known = self.table(entity), known_columns(entity)
        table_name, allowed = TABLE[entity], f"allowed: {', '.join(known)}"
        wrong_fields = [
            f"{table_name}.field_blanks.{header} is not a field of this table; {allowed}"
            for header in table.field_blanks
            if header not in known
        ]
        wrong_fields += [
            f"{table_name}.codes.{header} is not for a field with a code list; allowed: coded fields and AGNCY"
            for header in table.codes
            if header not in known or not _has_codes(header)
        ]
        if table.by_header:
            return wrong_fields
        mistakes = [
            f"{table_name}.columns.{header} is not a field of this table; {allowed}"
            for header in table.columns
            if header not in known
        ]
        if ID_FIELD[entity] not in table.columns:
            mistakes.append(f"{table_name}.columns has no column for {ID_FIELD[entity]}, which is required")
        mistakes += [
            f"{table_name}.columns.{header} and constants.{header} both define {header}; only one is allowed"
            for header in table.columns
            if header in self.constants
        ]
        return mistakes + wrong_fields


def _has_codes(header: str) -> bool:
    return header == "AGNCY" or (header in _list_headers() and get_field(header).kind == "code")


def _list_headers() -> set[str]:
    return {field.header for entity in ENTITIES for field in list_entity_fields(entity)}


def plain_export(directory: Path) -> SourceMapping:
    """Returns the mapping of a plain export, whose columns have the CSV headers of the dataset."""
    # `by_header` means that the columns are found by their names, so no mapping of columns is needed.
    tables: dict[str, Any] = {
        TABLE[entity]: TableMapping(file=f"{TABLE[entity]}.csv", by_header=True) for entity in ENTITIES
    }
    return SourceMapping(name="plain-export", location=str(directory.absolute()), **tables)


def mapping_schema() -> str:
    """Returns the JSON Schema of a mapping, for editors."""
    schema = SourceMapping.model_json_schema(by_alias=True)
    schema["properties"]["extends"] = {"type": "string", "title": "Extends"}
    # No key is required, because the mapping that `extends` names may provide it.
    schema["required"] = []
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=1) + "\n"
