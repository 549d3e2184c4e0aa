"""Real servers of this machine, started for a test on places of their own and stopped after it."""

import getpass
import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _program(name: str, *places: str) -> Path:
    """A program, or the test is skipped: not every machine has every server."""
    found = shutil.which(name) or next((str(path) for place in places for path in sorted(Path("/").glob(place))), None)
    if found is None:
        pytest.skip(f"there is no {name} on this machine")
    return Path(found)


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """A PostgreSQL server on a socket in this folder; gives its URI."""
    initdb = _program("initdb", "usr/lib/postgresql/*/bin/initdb")
    control = initdb.with_name("pg_ctl")
    folder.mkdir(mode=0o755)
    # It refuses to run as root.
    user = "postgres" if os.geteuid() == 0 else getpass.getuser()
    if os.geteuid() == 0:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        for parent in folder.parents:
            if parent.stat().st_uid == os.geteuid() and parent != Path("/"):
                parent.chmod(parent.stat().st_mode | 0o011)

    def run(*command: object) -> None:
        who = user if os.geteuid() == 0 else None
        subprocess.run(list(map(str, command)), check=True, capture_output=True, user=who)

    run(initdb, "-D", folder / "data", "-A", "trust", "-U", "ndtms", "--no-sync", "-E", "UTF8", "--locale=C")
    options = f"-k {folder} -c listen_addresses='' -F"
    run(control, "-D", folder / "data", "-o", options, "-w", "-l", folder / "log", "start")
    try:
        yield f"postgresql://ndtms@/postgres?host={folder}"
    finally:
        run(control, "-D", folder / "data", "-m", "immediate", "stop")


@contextmanager
def sftp(folder: Path) -> Iterator[tuple[str, dict[str, object]]]:
    """An OpenSSH server on loopback; gives the start of its URLs and the options to reach it."""
    sshd, keygen = _program("sshd", "usr/sbin/sshd"), _program("ssh-keygen")
    folder.mkdir(mode=0o700)
    for name in ("host", "user"):
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    authorised = folder / "authorised"
    authorised.write_bytes((folder / "user.pub").read_bytes())
    port = _free_port()
    config = folder / "config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder / 'host'}\nAuthorizedKeysFile {authorised}\n"
        "StrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\n"
        f"PidFile {folder / 'pid'}\nSubsystem sftp internal-sftp\n",
        encoding="utf-8",
    )
    Path("/run/sshd").mkdir(exist_ok=True)
    known = folder / "known"
    known.write_text(f"[127.0.0.1]:{port} {(folder / 'host.pub').read_text(encoding='utf-8')}", encoding="utf-8")
    running = subprocess.Popen([sshd, "-D", "-e", "-f", config], stderr=subprocess.PIPE)
    assert running.stderr is not None
    try:
        while b"listening" not in running.stderr.readline():
            assert running.poll() is None, "the server ended"
        yield (
            f"sftp://127.0.0.1:{port}",
            {"username": getpass.getuser(), "client_keys": [str(folder / "user")], "known_hosts": str(known)},
        )
    finally:
        running.terminate()
        running.wait()
        running.stderr.close()


@contextmanager
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, object]]:
    """moto's S3 server on loopback; gives the options to reach it."""
    from moto.server import ThreadedMotoServer

    for name, value in (("AWS_ACCESS_KEY_ID", "made-up"), ("AWS_SECRET_ACCESS_KEY", "made-up")):
        monkeypatch.setenv(name, value)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    try:
        yield {"endpoint_url": f"http://127.0.0.1:{port}"}
    finally:
        server.stop()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
