"""Settings of the tool: which severities hold a record back, and what counts as a shrunk file.

They lie in HOME/settings.toml; without it, the defaults hold.
"""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from flows.files.ordinary_files import refuse_special_file
from flows.sources.config_errors import mistakes_of
from flows.support.errors import InputRefused
from flows.support.limits import Limits
from schemas.rule import Entry, Rule, Severity
from schemas.rules.catalogue import all_rules


def _severities_allowed(rule: Entry) -> tuple[Severity, ...]:
    """What a site may make of a rule: never a way round consent, scope, or what ties records together."""
    if rule.entity == "file":
        return ("file", "warning")
    if isinstance(rule, Rule) and rule.stage in ("repeats", "ties", "consent") and rule.name != "CONSENT.code":
        return (rule.severity,)
    return ("reject", "error", "warning")


class Settings(BaseModel):
    """What a site may set.

    `held_back`: severities that keep a record from being sent.  `shrink_share`: the share of the last
    submission's rows below which a file is blocked.  `severities`: rules under another severity.
    `limits`: how much memory and time reading and asking may take; they change no result.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    held_back: tuple[Severity, ...] = ("reject",)
    shrink_share: float = Field(default=0.5, ge=0, le=1)
    severities: dict[str, Severity] = Field(default_factory=dict)
    limits: Limits = Limits()

    @field_validator("held_back")
    @classmethod
    def _holds_rejects(cls, held_back: tuple[Severity, ...]) -> tuple[Severity, ...]:
        if "reject" not in held_back or not set(held_back) <= {"reject", "error", "warning"}:
            raise ValueError("'reject' is needed; 'error' and 'warning' may be added")
        return held_back

    @field_validator("severities")
    @classmethod
    def _may_change(cls, severities: dict[str, Severity]) -> dict[str, Severity]:
        rules = {rule.name: rule for rule in all_rules()}
        for name, severity in severities.items():
            if name not in rules:
                raise ValueError(f"{name} is no rule; `ndtms rules` lists them")
            allowed = _severities_allowed(rules[name])
            if severity not in allowed:
                raise ValueError(f"{name} cannot be {severity}; {' or '.join(allowed)} is allowed")
        return severities

    @property
    def changed(self) -> dict[str, object]:
        """What differs from the defaults."""
        return self.model_dump(exclude_defaults=True, exclude={"limits"})

    @property
    def digest(self) -> str:
        """SHA-256 of what the settings say."""
        return hashlib.sha256(json.dumps(self.model_dump(exclude={"limits"}), sort_keys=True).encode()).hexdigest()


def settings_in_words(changed: Mapping[str, object]) -> list[str]:
    """Settings that are not the default, a text each."""
    return [f"{name} = {_value(value)}" for name, value in changed.items()]


def _value(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {each}" for key, each in value.items())
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def read_settings(home: Path) -> Settings:
    """The settings of a home.  Raises InputRefused, naming file, key and what is allowed."""
    path = home / "settings.toml"
    refuse_special_file(path)
    try:
        return Settings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Settings()
    except IsADirectoryError:
        raise InputRefused(f"{path}: a file of settings is allowed there, and this is a directory") from None
    except OSError as error:
        raise InputRefused(f"{path}: the settings cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputRefused(f"{path}: the settings are no TOML ({error})") from None
    except ValidationError as error:
        raise InputRefused(f"{path}: {mistakes_of(error, Settings, 'the settings')}") from None
