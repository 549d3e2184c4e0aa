"""Settings: what may be set, and what would open consent or scope and is refused."""

from pathlib import Path

import pytest

from flows.pipeline.settings import Settings, read_settings
from flows.support.errors import InputRefused
from schemas.rule import Rule
from schemas.rules.catalogue import list_rules


def settings(home: Path, text: str) -> Settings:
    (home / "settings.toml").write_text(text, encoding="utf-8")
    return read_settings(home)


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    found = read_settings(tmp_path)
    assert (found.held_back, found.shrink_share, found.severities, found.changed) == (("reject",), 0.5, {}, {})
    assert settings(tmp_path, "").digest == found.digest


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ('held_back = ["reject", "error"]', {"held_back": ("reject", "error")}),
        ('held_back = ["warning", "reject"]', {"held_back": ("warning", "reject")}),
        ("shrink_share = 0.0", {"shrink_share": 0.0}),
        ("shrink_share = 1", {"shrink_share": 1.0}),
        ("shrink_share = 0.25", {"shrink_share": 0.25}),
        ('[severities]\n"SEX.required" = "warning"', {"severities": {"SEX.required": "warning"}}),
        ('[severities]\n"CONSENT.code" = "reject"', {"severities": {"CONSENT.code": "reject"}}),
        ('[severities]\n"FILE.shrunk" = "warning"', {"severities": {"FILE.shrunk": "warning"}}),
        ('[severities]\n"FILE.removed_fields" = "file"', {"severities": {"FILE.removed_fields": "file"}}),
        ('held_back = ["reject"]', {}),
        ('first_period = "2023-04"', {}),
    ],
)
def test_what_holds(tmp_path: Path, text: str, changed: dict[str, object]) -> None:
    found = settings(tmp_path, text)
    assert found.changed == changed
    assert (found.digest == Settings().digest) is (changed == {})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("held_back = []", "held_back: must contain 'reject'; 'error' and 'warning' may be added"),
        ('held_back = ["error"]', "held_back: must contain 'reject'"),
        ('held_back = ["reject", "withhold"]', "held_back: must contain 'reject'"),
        ('held_back = ["reject", "file"]', "held_back: must contain 'reject'"),
        ('held_back = ["reject", "fatal"]', "held_back.1: must be 'reject', 'error' or 'warning'"),
        ('held_back = "reject"', "held_back: must be a list of texts, such as ["),
        ("shrink_share = -0.1", "shrink_share: must be a number from 0 to 1"),
        ("shrink_share = 1.01", "shrink_share: must be a number from 0 to 1"),
        ("shrink_share = nan", "shrink_share: must be a number from 0 to 1"),
        ('shrink_share = "half"', "shrink_share: must be a number from 0 to 1"),
        (
            "shrunk = 1",
            "shrunk is not a key of the settings; allowed: agencies, deadline_day, first_period, first_periods,",
        ),
        ('[severities]\n"NO.rule" = "warning"', "severities: NO.rule is not a rule; `ndtms rules` lists the rules"),
        ('[severities]\n"SEX.required" = "fatal"', "severities.SEX.required: must be 'reject', "),
        (
            '[severities]\n"SEX.required" = "withhold"',
            "SEX.required cannot be withhold; allowed: reject, error, warning",
        ),
        ('[severities]\n"SEX.required" = "file"', "SEX.required cannot be file"),
        ('[severities]\n"SEX.required" = "scope"', "SEX.required cannot be scope"),
        ('[severities]\n"CONSENT.given" = "warning"', "CONSENT.given cannot be warning; allowed: withhold"),
        ('[severities]\n"CONSENT.given" = "reject"', "CONSENT.given cannot be reject"),
        ('[severities]\n"AGNCY.other" = "warning"', "AGNCY.other cannot be warning; allowed: scope"),
        ('[severities]\n"MODID.absent" = "warning"', "MODID.absent cannot be warning; allowed: reject"),
        ('[severities]\n"CLIENTID.required" = "warning"', "CLIENTID.required cannot be warning"),
        ('[severities]\n"FILE.empty" = "reject"', "FILE.empty cannot be reject; allowed: file, warning"),
        ('first_period = "2023-13"', "first_period: must be a month as YYYY-MM, in quotes"),
        ("first_period = 2023-04-01", "first_period: must be a month as YYYY-MM, in quotes"),
        ('[first_periods]\nL0001 = "April"', "first_periods: must be a month as YYYY-MM, in quotes"),
        ('[first_periods]\nL1 = "2023-04"', "first_periods: L1 is not an agency code; allowed: "),
        ("severities = [", "the settings cannot be read as TOML"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, shown: str) -> None:
    with pytest.raises(InputRefused) as caught:
        settings(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / 'settings.toml'}: ")
    assert shown in str(caught.value)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_bytes(b"\xff")
    with pytest.raises(InputRefused, match="the settings cannot be read as TOML"):
        read_settings(tmp_path)


@pytest.mark.parametrize("severity", ["withhold", "scope"])
def test_no_rule_can_be_made_to_withhold_or_to_leave_out_that_does_not(severity: str) -> None:
    for rule in list_rules():
        if rule.severity != severity:
            with pytest.raises(ValueError, match="cannot be"):
                Settings.model_validate({"severities": {rule.name: severity}})


def test_no_rule_that_withholds_leaves_out_or_ties_can_be_made_anything_else() -> None:
    fixed = [
        rule
        for rule in list_rules()
        if rule.severity in ("withhold", "scope") or (isinstance(rule, Rule) and rule.stage in ("scope", "ties"))
    ]
    assert len(fixed) >= 9
    for rule in fixed:
        for severity in {"reject", "error", "warning", "file", "scope", "withhold"} - {rule.severity}:
            with pytest.raises(ValueError, match="cannot be"):
                Settings.model_validate({"severities": {rule.name: severity}})


def test_a_directory_in_the_place_of_the_settings_is_reported(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").mkdir()
    with pytest.raises(InputRefused, match=r"settings\.toml: this is a directory, but a file is needed"):
        read_settings(tmp_path)
