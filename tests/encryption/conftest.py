"""A home with months of two agencies, once encrypted and once not; every test has the key in its environment."""

from pathlib import Path

import pytest

from tests.retention.canaries import land_months
from tests.support.encryption import KEY, allow_encryption, use_key


@pytest.fixture(autouse=True)
def encryption(monkeypatch: pytest.MonkeyPatch) -> None:
    allow_encryption(monkeypatch)
    use_key(monkeypatch, KEY)


@pytest.fixture(scope="session")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that is encrypted; copy it before you change it."""
    return _land(tmp_path_factory.mktemp("encrypted"), KEY)


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same home without encryption."""
    return _land(tmp_path_factory.mktemp("plain"), None)


def _land(folder: Path, key: str | None) -> Path:
    with pytest.MonkeyPatch.context() as patched:
        allow_encryption(patched)
        use_key(patched, key)
        return land_months(folder, folder / "home")
