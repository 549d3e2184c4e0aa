"""Reads TOML files that a site writes: settings, mappings, deployments and file formats."""

import tomllib
from pathlib import Path
from typing import Any

from flows.files.ordinary_files import refuse_special_file
from flows.support.errors import InputRefused


def read_toml(path: Path, noun: str, *, missing: str = "the file is missing; check its path") -> dict[str, Any]:
    """Reads a TOML file.

    Args:
        path: the file.
        noun: what the file contains, as messages name it, such as 'settings' or 'source mapping'.
        missing: the message if there is no such file.

    Raises:
        InputRefused: the file is missing or not an ordinary one, cannot be read, or is not TOML.
    """
    content = read_toml_if_exists(path, noun)
    if content is None:
        raise InputRefused(f"{path}: {missing}")
    return content


def read_toml_if_exists(path: Path, noun: str) -> dict[str, Any] | None:
    """Reads a TOML file as `read_toml` does; returns None if there is no such file.

    Raises:
        InputRefused: the path is not an ordinary file, or the file cannot be read or is not TOML.
    """
    refuse_special_file(path)
    try:
        return _parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except IsADirectoryError:
        raise InputRefused(f"{path}: this is a directory, but a file is needed") from None
    except OSError as error:
        raise InputRefused(
            f"{path}: the {noun} cannot be read ({error.strerror}); check the file and who may read it"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputRefused(f"{path}: the {noun} cannot be read as TOML ({error}); correct the file there") from None


def _parse(text: str) -> dict[str, Any]:
    """Parses TOML, and raises one kind of error for every text that cannot be parsed."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        raise tomllib.TOMLDecodeError("its lists or tables are nested too deeply") from None
    except ValueError:
        # Python converts no number of more than 4,300 digits.
        raise tomllib.TOMLDecodeError("a number in it has too many digits") from None
