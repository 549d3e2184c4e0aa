"""The files of deploy/: nothing runs as root, nothing is reachable from elsewhere, no image or password is given."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.snapshots import ROOT

DEPLOY = ROOT / "deploy"
SERVICES = sorted((DEPLOY / "systemd").glob("*.service"))


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def read_instructions() -> list[tuple[str, str]]:
    """Returns the instructions of the Containerfile with their arguments, comments left out."""
    lines = (DEPLOY / "Containerfile").read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#")).replace("\\\n", " ")
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in text.splitlines() if line.strip()]


def test_the_image_has_no_base_by_tag_and_does_not_run_as_root() -> None:
    instructions = read_instructions()
    assert [words for name, words in instructions if name == "ARG"] == ["PYTHON_IMAGE"]
    assert {words.split()[0] for name, words in instructions if name == "FROM"} == {"${PYTHON_IMAGE}"}
    assert [words for name, words in instructions if name == "USER"] == ["10001"]
    # Nothing after it changes the account back, or needs another.
    assert [name for name, _ in instructions][-4:] == ["USER", "VOLUME", "HEALTHCHECK", "CMD"]


def test_the_image_installs_the_runtime_lock_and_nothing_else() -> None:
    installs = [part for _, words in read_instructions() for part in words.split("&&") if "-m pip" in part]
    assert len(installs) == 3
    assert "--require-hashes" in installs[0]
    assert "--requirement requirements.txt" in installs[0]
    assert all("--no-index" in install and "--no-deps" in install for install in installs[1:])


def test_what_the_image_copies_exists_and_is_in_its_context() -> None:
    ignored = (DEPLOY / "Containerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    copied = [
        source
        for name, words in read_instructions()
        if name == "COPY" and not words.startswith("--from")
        for source in words.split()[:-1]
    ]
    assert len(copied) > 8
    for source in copied:
        assert (ROOT / source).exists()
        assert f"!{source}" in ignored


def test_images_passwords_and_places_of_the_compose_file_have_no_default(compose: Any) -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    variables = re.findall(r"\$\{(\w+)(:\?[^}]+)?\}", text)
    assert all(message for _, message in variables)
    lines = (DEPLOY / "example.env").read_text(encoding="utf-8").splitlines()
    given = [line for line in lines if line and not line.startswith("#")]
    assert {line.partition("=")[0] for line in given} == {name for name, _ in variables}
    assert all(line.endswith("=") for line in given)
    assert {service["image"].partition(":")[0] for service in compose["services"].values()} == {
        "ndtms",
        "${POSTGRES_IMAGE",
    }


def test_only_the_server_is_published_and_only_on_this_machine(compose: Any) -> None:
    services = compose["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["server"]
    assert all(port.startswith("127.0.0.1:") for port in services["server"]["ports"])
    assert compose["networks"]["inside"]["internal"] is True


def test_every_service_starts_again_and_may_not_gain_rights(compose: Any) -> None:
    for name, service in compose["services"].items():
        assert service["restart"] == "unless-stopped"
        assert "no-new-privileges:true" in service["security_opt"]
        if name != "database":
            assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert compose["services"]["server"]["depends_on"]["database"]["condition"] == "service_healthy"
    assert compose["services"]["worker"]["depends_on"]["server"]["condition"] == "service_healthy"
    volumes = {place.split(":")[0] for service in compose["services"].values() for place in service["volumes"]}
    assert {*compose["volumes"]} == {volume for volume in volumes if not volume.startswith("$")}


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_a_service_is_confined(path: Path) -> None:
    unit = configparser.ConfigParser(strict=True, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(path.read_text(encoding="utf-8"))
    service = unit["Service"]
    assert service["User"] == "ndtms"
    wanted = {
        "UMask": "0077", "NoNewPrivileges": "true", "ProtectSystem": "strict", "PrivateTmp": "true",
        "ReadWritePaths": "/var/lib/ndtms", "CapabilityBoundingSet": "", "EnvironmentFile": "/etc/ndtms/environment",
    }  # fmt: skip
    assert {key: service[key] for key in wanted} == wanted


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_systemd_understands_a_service(path: Path, tmp_path: Path) -> None:
    # The account and the program of the unit are not on this machine.
    text = re.sub(r"(?m)^(User|Group)=.*\n", "", path.read_text(encoding="utf-8"))
    unit = tmp_path / path.name
    unit.write_text(text.replace("/opt/ndtms/.venv/bin/prefect", "/bin/true"), encoding="utf-8")
    ran = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert [line for line in ran.stderr.splitlines() if path.name in line] == []
