"""Reads source mappings from their TOML files, with the mappings that they extend and their SQL."""

import re
from pathlib import Path
from typing import Any

from flows.files.locations import redact_url
from flows.files.ordinary_files import refuse_special_file
from flows.files.toml import read_toml
from flows.sources.config_errors import validate_content
from flows.sources.mapping import PLACEHOLDERS, SourceMapping, plain_export
from flows.sources.named_mappings import list_named_mappings, locate_extended
from flows.support.errors import InputRefused
from schemas.dataset import ENTITIES, TABLE


def find_source(source: str) -> tuple[SourceMapping, Path]:
    """Finds the mapping of a source, and the directory that its location is relative to.

    The name of a mapping takes precedence over a directory or file of the same name; `./name` selects the latter.

    Args:
        source: the name of a mapping of the site or in data/sources, the path of a mapping, or the directory of a
            plain export, which may contain {agency} and {period}.

    Returns:
        The mapping and the directory.

    Raises:
        InputRefused: there is no such source, or its mapping is invalid.
    """
    known = list_named_mappings()
    if source in known:
        return read_mapping(known[source]), known[source].parent
    path = Path(source)
    if source and (path.is_dir() or "{agency}" in source or "{period}" in source):
        return plain_export(path), path
    if path.suffix == ".toml" or path.is_file():
        return read_mapping(path), path.absolute().parent
    raise InputRefused(
        f"{redact_url(source) or '--source is empty'}: no such source; a source is the directory of a plain export, the"
        f" path of a mapping, or one of: {', '.join(known)}"
    )


def read_mapping(path: Path) -> SourceMapping:
    """Reads a mapping from its TOML file.

    Raises:
        InputRefused: the file is missing or invalid; the text names the file and, for every mistake, the table, the
            key and what is allowed.
    """
    content = _read_extended(path, ())
    mapping = validate_content(content, SourceMapping, path, "a source mapping", extra_keys=["extends"])
    mapping = _read_sql_files(mapping, path)
    # Only mappings from a file are checked: the path of a plain export may contain braces.
    for placeholder in re.findall(r"\{[^{}]*\}", mapping.location):
        if placeholder not in PLACEHOLDERS:
            raise InputRefused(f"{path}: location contains {placeholder}; allowed: {' and '.join(PLACEHOLDERS)}")
    return mapping


def _read_sql_files(mapping: SourceMapping, path: Path) -> SourceMapping:
    """Returns the mapping with the texts of its SQL files, whose paths are relative to the mapping."""
    names = [mapping.shared_sql, *(mapping.table(entity).sql for entity in ENTITIES)]
    texts = {}
    for name in filter(None, names):
        file = path.absolute().parent / name
        refuse_special_file(file)
        try:
            texts[name] = file.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise InputRefused(f"{path}: there is no SQL file {name} next to the mapping") from None
        except (OSError, UnicodeDecodeError) as error:
            raise InputRefused(f"{file}: the SQL file cannot be read as UTF-8 text ({type(error).__name__})") from None
    return mapping.with_sql(texts)


def _read_extended(path: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    """Returns a mapping's content merged over the mapping it extends, table by table and key by key.

    A location is relative to the file that sets it.
    """
    if path.absolute() in seen:
        raise InputRefused(f"{path}: the mapping extends itself; name another one in `extends`")
    content = _read_table(path)
    extends = content.pop("extends", None)
    if extends is None:
        return content
    if not isinstance(extends, str) or "\0" in extends:
        raise InputRefused(f"{path}: extends must be the name of a mapping or its path")
    base_path = _locate_base(path, extends)
    base = _read_extended(base_path, (*seen, path.absolute()))
    location = base.get("location", ".")
    # An inherited location stays relative to the mapping that defines it.
    if isinstance(location, str) and "location" not in content and "://" not in location:
        base["location"] = str(base_path.absolute().parent / location)
    _locate_sql(base, base_path.absolute().parent)
    return _merge(base, content)


def _read_table(path: Path) -> dict[str, Any]:
    return read_toml(path, "source mapping", missing="there is no such source mapping; `ndtms source new` drafts one")


def find_extended(path: Path) -> Path | None:
    """Returns the file of the mapping that a mapping extends; None if it extends none.

    Raises:
        InputRefused: the mapping is invalid.
    """
    read_mapping(path)
    extends = _read_table(path).get("extends")
    return _locate_base(path, extends) if extends else None


def _locate_base(path: Path, extends: str) -> Path:
    """Returns the file of the mapping that another one names in `extends`."""
    return path.absolute().parent / extends if extends.endswith(".toml") else locate_extended(extends, path)


def _locate_sql(base: dict[str, Any], folder: Path) -> None:
    """Makes the SQL files of an inherited mapping absolute, because they stay next to the mapping that names them."""
    tables = [base[TABLE[entity]] for entity in ENTITIES if isinstance(base.get(TABLE[entity]), dict)]
    for holder, key in ((base, "shared_sql"), *((table, "sql") for table in tables)):
        if isinstance(holder.get(key), str) and holder[key]:
            holder[key] = str(folder / holder[key])


def _merge(base: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in content.items():
        before = merged.get(key)
        merged[key] = _merge(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return merged
