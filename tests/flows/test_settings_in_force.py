"""`ndtms settings`: what is in force, where each value comes from, and no secret."""

import json
from pathlib import Path

import pytest

from flows.pipeline.settings import Settings
from flows.sources.named_mappings import SOURCES_DIRECTORY
from tests.support.command import Command


@pytest.fixture(autouse=True)
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps the profiles of Prefect of this machine out."""
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))


def read(ndtms: Command, *words: object) -> dict[str, tuple[str, str]]:
    """Returns the value and the origin of each setting."""
    ran = ndtms("settings", "--format", "json", *words)
    assert (ran.code, ran.err) == (0, "")
    rows = json.loads(ran.out)
    assert len({row["setting"] for row in rows}) == len(rows)
    return {row["setting"]: (row["value"], row["origin"]) for row in rows}


def test_without_a_site_every_setting_has_its_default(ndtms: Command, home: Path) -> None:
    shown = read(ndtms, "--home", home)
    assert shown["home"] == (str(home), "--home")
    assert shown["site"] == ("", "default")
    assert shown["shrink_share"] == ("0.5", "default")
    assert shown["limits.query_memory"] == ("2GB", "default")
    assert shown["held_back"] == ("reject", "default")
    assert shown["Prefect server"] == ("", "default")
    for name in Settings.model_fields:
        assert any(setting == name or setting.startswith(f"{name}.") for setting in shown), name
    assert shown["source orchard"] == (str(SOURCES_DIRECTORY / "orchard.toml"), "project")
    assert shown["postcode directory"][1] == str(home / "reference" / "postcodes-000001.parquet")
    assert not home.joinpath("audit.duckdb").exists()


def test_each_value_has_the_file_that_sets_it(
    ndtms: Command, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    (site / "sources").mkdir(parents=True)
    (site / "sources" / "orchard.toml").write_text('extends = "orchard"\n', encoding="utf-8")
    (site / "sources" / "castle.toml").write_text('extends = "orchard"\n', encoding="utf-8")
    (site / "sources" / "broken.toml").write_text("extends = 1\n", encoding="utf-8")
    (site / "settings.toml").write_text(
        'shrink_share = 0.8\ndeadline_day = 10\n[severities]\n"SEX.required" = "warning"\n[agencies]\nL0001 = "A"\n',
        encoding="utf-8",
    )
    (home / "settings.toml").write_text(
        'shrink_share = 0.5\n[severities]\n"AUDIT.range" = "warning"\n[agencies]\nL0002 = "B"\n', encoding="utf-8"
    )
    monkeypatch.setenv("NDTMS_SITE", str(site))
    monkeypatch.setenv("NDTMS_HOME", str(home))
    shown = read(ndtms)
    of_site, of_home = str(site / "settings.toml"), str(home / "settings.toml")
    assert shown["home"] == (str(home), "NDTMS_HOME")
    assert shown["site"] == (str(site), "NDTMS_SITE")
    # The home sets the default, so that the value is not that of the site.
    assert shown["shrink_share"] == ("0.5", of_home)
    assert shown["deadline_day"] == ("10", of_site)
    assert shown["severities.SEX.required"] == ("warning", of_site)
    assert shown["severities.AUDIT.range"] == ("warning", of_home)
    assert shown["agencies.L0002"] == ("B", of_home)
    assert "agencies.L0001" not in shown
    assert shown["source orchard"] == (
        str(site / "sources" / "orchard.toml"), f"site, extends {SOURCES_DIRECTORY / 'orchard.toml'}",
    )  # fmt: skip
    assert shown["source castle"] == (
        str(site / "sources" / "castle.toml"), f"site, extends {site / 'sources' / 'orchard.toml'}",
    )  # fmt: skip
    assert shown["source harbour"][1] == "project"
    assert shown["source broken"][1] == "site, has a mistake"
    (site / "sources" / "orchard.toml").write_bytes((SOURCES_DIRECTORY / "orchard.toml").read_bytes())
    assert read(ndtms)["source orchard"][1] == "site, replaces the one of the project"


def test_no_secret_is_shown(ndtms: Command, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://ward:SECRET@127.0.0.1:4200/api?token=SECRET")
    for name in ("PREFECT_API_KEY", "PREFECT_API_AUTH_STRING", "NDTMS_S3_OPTIONS", "NDTMS_ANY_KEY"):
        monkeypatch.setenv(name, "SECRET")
    monkeypatch.setenv("NDTMS_SNAPSHOT", "plain")
    monkeypatch.setenv("PREFECT_SERVER_API_PORT", "4201")
    (home / "fingerprint.key").write_text("SECRET", encoding="utf-8")
    shown = read(ndtms, "--home", home)
    assert "SECRET" not in str(shown)
    assert "ward" not in str(shown["Prefect server"])
    assert shown["Prefect server"] == ("http://127.0.0.1:4200/api", "PREFECT_API_URL")
    assert shown["variable NDTMS_ANY_KEY"] == ("set", "environment")
    assert shown["variable PREFECT_SERVER_API_PORT"] == ("4201", "environment")
    assert shown["variable NDTMS_SNAPSHOT"] == ("plain", "environment")
    assert shown["fingerprint key"] == ("set", str(home / "fingerprint.key"))
