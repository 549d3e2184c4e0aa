"""Validates a user's TOML file, and describes its mistakes: which key is wrong, and what is allowed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from flows.support.errors import InputRefused

Model = TypeVar("Model", bound=BaseModel)

# The values that a key allows, if the kind of mistake does not show them. Messages never quote the value that was
# found: a value under the wrong key may be a password.
_ALLOWED: Mapping[str, str] = {
    "name": "must consist of lower-case letters, digits, - and _, and start with a letter or digit",
    "join.name": "must consist of letters, digits, - and _",
    "dataset": "must be Q or R",
    "database": "must be env:NAME or block:NAME, where the URI is stored",
    "delimiter": "must be one character",
    "on": "must have at least one column",
    "order_by": "must be a column in quotes, or a list of them",
    "shrink_share": "must be a number from 0 to 1",
    "deadline_day": "must be a whole number from 1 to 28",
    "first_period": "must be a month as YYYY-MM, in quotes",
}
_KINDS: Mapping[str, str] = {
    "string_type": "must be a text in quotes",
    "list_type": 'must be a list of texts, such as ["one", "two"]',
    "tuple_type": 'must be a list of texts, such as ["one", "two"]',
    "dict_type": "must be a table of keys",
    "model_type": "must be a table of keys",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
}
_OTHER = "the value has the wrong type"
# The texts that a list may contain, if a site may use fewer values than the model accepts.
_ALLOWED_ITEMS: Mapping[str, str] = {"held_back": "'reject', 'error' or 'warning'"}


def validate_content(
    content: Mapping[str, Any], model: type[Model], path: Path, what: str, extra_keys: Sequence[str] = ()
) -> Model:
    """Builds a model from the content of a file.

    Args:
        content: what `read_toml` returned.
        model: the model of the file.
        path: the file, for messages.
        what: what the file is, such as 'a source mapping'.
        extra_keys: keys that messages list at the top level in addition to those of the model.

    Raises:
        InputRefused: the content has mistakes; the text has one clause for each, with its key and what is allowed.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        mistakes = "; ".join(_describe(dict(mistake), model, what, extra_keys) for mistake in error.errors())
        raise InputRefused(f"{path}: {mistakes}") from None


def _describe(mistake: Mapping[str, Any], model: type[BaseModel], what: str, extra_keys: Sequence[str]) -> str:
    path: tuple[str | int, ...] = mistake["loc"]
    key = ".".join(map(str, path))
    if mistake["type"] == "extra_forbidden":
        allowed = [*_list_keys(_find_model(model, path[:-1])), *(extra_keys if len(path) == 1 else ())]
        return f"{key} is not a key of {what}; allowed: {', '.join(sorted(allowed))}"
    if mistake["type"] == "missing":
        return f"{key} is missing"
    if mistake["type"] == "value_error":
        text = str(mistake["msg"]).removeprefix("Value error, ")
        return f"{key}: {text}" if key else text
    names = [str(part) for part in path if isinstance(part, str)]
    kind, last = _KINDS.get(mistake["type"]), names[-1] if names else ""
    if mistake["type"] == "literal_error":
        return f"{key}: must be {_ALLOWED_ITEMS.get(last) or mistake['ctx']['expected']}"
    # `name` has other rules in a join, and in a file format, than at the top of a mapping.
    if kind and what == "a file format":
        return f"{key}: {kind}"
    in_join = _ALLOWED.get(f"join.{last}") if "join" in names else None
    return f"{key}: {in_join or _ALLOWED.get(last) or kind or _OTHER}"


def _list_keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _find_model(model: type[BaseModel], path: Sequence[str | int]) -> type[BaseModel]:
    """Returns the model of a table within a file."""
    keys = iter([part for part in path if isinstance(part, str)])
    for key in keys:
        info = next(field for name, field in model.model_fields.items() if (field.alias or name) == key)
        # The model of a nested table may be wrapped, as in `tuple[Join, ...]` or `Limits | None`.
        kinds = (info.annotation, *get_args(info.annotation))
        model = next(kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel))
        if get_origin(info.annotation) is dict:
            # The next key is a name that the file chooses, as in `tables.NAME`.
            next(keys, None)
    return model
