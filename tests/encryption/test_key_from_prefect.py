"""The key of an encrypted audit is in a secret of Prefect's, which NDTMS_AUDIT_KEY names."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from flows.support import audit_key
from tests.support.command import Command
from tests.support.encryption import KEY, OTHER_KEY, copy_home, use_key

pytestmark = [pytest.mark.served, pytest.mark.usefixtures("prefect_server")]


@pytest.fixture(autouse=True)
def secrets() -> Iterator[None]:
    """Stores a key as `ward-audit` and another one as `other-audit`; the program loads a secret once per process."""
    from prefect.blocks.system import Secret

    Secret(value=SecretStr(KEY)).save("ward-audit", overwrite=True)
    Secret(value=SecretStr(OTHER_KEY)).save("other-audit", overwrite=True)
    audit_key._load_block.cache_clear()
    yield
    audit_key._load_block.cache_clear()


@pytest.fixture
def landed(encrypted: Path, tmp_path: Path) -> Path:
    return copy_home(encrypted, tmp_path)


def test_a_command_reads_with_the_key_of_a_secret(
    landed: Path, ndtms: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_key(monkeypatch, "block:ward-audit")
    done = ndtms("sql", "select count(*) as n from runs", "--home", landed, "--format", "csv")
    assert (done.code, done.out) == (0, "n\n4\n"), done.err


def test_an_audit_gets_the_key_of_another_secret(landed: Path, ndtms: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    use_key(monkeypatch, "block:ward-audit")
    monkeypatch.setenv("NDTMS_AUDIT_NEW_KEY", "block:other-audit")
    done = ndtms("encrypt", "--new-key", "--home", landed)
    assert done.code == 0, done.err
    use_key(monkeypatch, OTHER_KEY)
    assert ndtms("runs", "--home", landed).code == 0


@pytest.mark.parametrize(("name", "message"), [
    ("block:other-audit", "NDTMS_AUDIT_KEY is not the key of this file"),
    ("block:no-such-audit", "block:no-such-audit: there is no Prefect secret of this name"),
    ("block:", "NDTMS_AUDIT_KEY is block: without a name; write the name of a Prefect secret after it"),
])  # fmt: skip
def test_a_secret_without_the_key_is_refused(
    landed: Path, ndtms: Command, monkeypatch: pytest.MonkeyPatch, name: str, message: str
) -> None:
    use_key(monkeypatch, name)
    done = ndtms("runs", "--home", landed)
    assert done.code == 2
    assert message in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert OTHER_KEY not in done.err
