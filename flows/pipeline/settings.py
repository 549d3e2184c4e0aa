"""Settings of the tool: which severities hold a record back, and when a file counts as shrunk or as unusual.

They are stored in NDTMS_SITE/settings.toml and HOME/settings.toml; what neither sets has its default.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from flows.audit.expected_months import ExpectedMonths
from flows.files.toml import read_toml_if_exists
from flows.quality.settings import QualitySettings
from flows.sources.config_errors import validate_content
from flows.support.limits import Limits
from flows.support.site import find_site
from schemas.dataset import AGENCY
from schemas.period import Period
from schemas.rule import RuleInfo, Severity
from schemas.rules.catalogue import list_rules

SETTINGS_FILE = "settings.toml"
# Settings that change no record, no finding and no file, so that a run does not record them.
_NOT_OF_RESULTS = {"limits", "quality", "agencies", "deadline_day", "reminder_days", "first_period", "first_periods"}


def _list_allowed_severities(rule: RuleInfo) -> tuple[Severity, ...]:
    """Returns the severities a site may set for a rule.

    They never allow a site to bypass consent, scope, or the links between records.
    """
    if rule.entity == "file":
        return ("file", "warning")
    # CONSENT.code may change: CONSENT.given still withholds a record unless its consent is known.
    if rule.stage in ("repeats", "scope", "ties", "consent") and rule.name != "CONSENT.code":
        return (rule.severity,)
    return ("reject", "error", "warning")


def _refuse_no_month(text: str) -> None:
    try:
        Period.parse(text)
    except ValueError:
        raise ValueError("must be a month as YYYY-MM, in quotes") from None


class Settings(BaseModel):
    """The settings that a site can change.

    `held_back`: severities that keep a record from being sent.  `shrink_share`: the share of the previous submission's
    rows below which a file is blocked.  `severities`: rules with another severity.  `limits`: the memory and time that
    reading and queries may use.  `quality`: what counts as unusual.  `agencies`: the names of the agencies that must
    submit.  `deadline_day`: the day of the following month by which they must.  `reminder_days`: how many days before
    the deadline the first reminder is due.  `first_period`: the first month that must land, and `first_periods`: that
    of single agencies.  Those from `limits` on do not change results.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    held_back: tuple[Severity, ...] = ("reject",)
    shrink_share: float = Field(default=0.5, ge=0, le=1)
    severities: dict[str, Severity] = Field(default_factory=dict)
    limits: Limits = Limits()
    agencies: dict[str, str] = Field(default_factory=dict)
    deadline_day: int = Field(default=20, ge=1, le=28)
    reminder_days: int = Field(default=5, ge=0, le=28)
    first_period: str = ""
    first_periods: dict[str, str] = Field(default_factory=dict)
    quality: QualitySettings = QualitySettings()

    @field_validator("held_back")
    @classmethod
    def _check_held_back(cls, held_back: tuple[Severity, ...]) -> tuple[Severity, ...]:
        # A record without consent or out of scope is never sent, so those severities are not settings.
        if "reject" not in held_back or not set(held_back) <= {"reject", "error", "warning"}:
            raise ValueError("must contain 'reject'; 'error' and 'warning' may be added")
        return held_back

    @field_validator("severities")
    @classmethod
    def _check_severities(cls, severities: dict[str, Severity]) -> dict[str, Severity]:
        rules = {rule.name: rule for rule in list_rules()}
        for name, severity in severities.items():
            if name not in rules:
                raise ValueError(f"{name} is not a rule; `ndtms rules` lists the rules")
            allowed = _list_allowed_severities(rules[name])
            if severity not in allowed:
                raise ValueError(f"{name} cannot be {severity}; allowed: {', '.join(allowed)}")
        return severities

    @field_validator("agencies", "first_periods")
    @classmethod
    def _check_agencies(cls, agencies: dict[str, str]) -> dict[str, str]:
        for code in agencies:
            if not AGENCY.fullmatch(code):
                raise ValueError(f"{code} is not an agency code; allowed: one to three capitals, three to five digits")
        return agencies

    @field_validator("first_period")
    @classmethod
    def _check_first_period(cls, period: str) -> str:
        if period:
            _refuse_no_month(period)
        return period

    @field_validator("first_periods")
    @classmethod
    def _check_first_periods(cls, periods: dict[str, str]) -> dict[str, str]:
        for period in periods.values():
            _refuse_no_month(period)
        return periods

    @property
    def expected(self) -> ExpectedMonths:
        """Returns the months that must land."""
        return ExpectedMonths(self.agencies, self.deadline_day, self.first_period, self.first_periods)

    @property
    def changed(self) -> dict[str, object]:
        """Returns the settings that affect results and differ from the defaults."""
        return self.model_dump(exclude_defaults=True, exclude=_NOT_OF_RESULTS)

    @property
    def digest(self) -> str:
        """Returns the SHA-256 of the settings that affect results."""
        return hashlib.sha256(json.dumps(self.model_dump(exclude=_NOT_OF_RESULTS), sort_keys=True).encode()).hexdigest()


def describe_settings(changed: Mapping[str, object]) -> list[str]:
    """Returns one text per setting that is not the default."""
    return [f"{name} = {_format_value(value)}" for name, value in changed.items()]


def _format_value(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {member}" for key, member in value.items())
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


# Tables whose keys HOME/settings.toml replaces one by one; it replaces any other setting as a whole.
_MERGED = ("severities", "limits", "quality")


def read_settings(home: Path, *, with_site: bool = True) -> Settings:
    """Reads the settings in force for a home.

    Args:
        home: the directory whose `settings.toml` replaces what the site sets.
        with_site: whether the settings of the site apply.

    Raises:
        InputRefused: a file cannot be read or has a mistake; the text names file, key and allowed values.
    """
    return Settings.model_validate(merge_settings(home) if with_site else read_settings_file(home / SETTINGS_FILE))


def merge_settings(home: Path) -> dict[str, Any]:
    """Returns what the site and the home set; where both set a key, what the home sets."""
    site, own = find_site(), read_settings_file(home / SETTINGS_FILE)
    merged = read_settings_file(site / SETTINGS_FILE) if site else {}
    for key, value in own.items():
        merged[key] = {**merged.get(key, {}), **value} if key in _MERGED else value
    return merged


def read_settings_file(path: Path) -> dict[str, Any]:
    """Returns the content of a file of settings, after checking it; empty if there is no such file."""
    content = read_toml_if_exists(path, "settings")
    # A new home has no settings.
    if content is None:
        return {}
    validate_content(content, Settings, path, "the settings")
    return content
