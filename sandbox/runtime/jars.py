"""Jars, of the Kafka broker for one: named by a committed lock, fetched once, verified by SHA-256 every time.

`tools/pom.xml` says which Kafka we ask for; `tools/kafka.lock` says which jars that means, one a line. A jar whose
SHA-256 is not the lock's is never put on a class path. Once fetched, nothing here needs a network. What else needs jars
has a POM and a lock of its own, and names them to `locked_jars`.

    python -m sandbox.runtime.jars            fetch what is missing, verify everything
    python -m sandbox.runtime.jars --relock   remake the lock from tools/pom.xml
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jgo.maven import MavenContext

from sandbox.errors import SandboxError
from sandbox.paths import CLONE, cache

_POM_NAMESPACE = {"m": "http://maven.apache.org/POM/4.0.0"}


@dataclass(frozen=True)
class Locked:
    """Something made of jars: what it is called, its POM and its lock, and how the lock is remade."""

    name: str
    title: str
    pom: Path
    lock: Path
    remake: str
    hint: str


KAFKA = Locked(
    name="kafka",
    title="the Kafka broker",
    pom=CLONE / "tools" / "pom.xml",
    lock=CLONE / "tools" / "kafka.lock",
    remake="python -m sandbox.runtime.jars --relock",
    hint="connect once and try again, or run without Kafka: valletta up --journal file",
)


class JarsError(SandboxError):
    """Jars could not be fetched, or are not what the lock says."""


@dataclass(frozen=True, order=True)
class Jar:
    """One artifact of a Maven repository and the SHA-256 (hex) that its jar must have."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """The jar's name in a folder of jars."""
        return f"{self.artifact}-{self.version}.jar"

    @property
    def coordinates(self) -> str:
        """group:artifact:version."""
        return f"{self.group}:{self.artifact}:{self.version}"


def read_lock(lock: Path = KAFKA.lock) -> tuple[Jar, ...]:
    """Reads a lock: a line is a SHA-256 and the coordinates group:artifact:version.

    Raises:
        JarsError: A line is not of that form.
    """
    jars = []
    for number, line in enumerate(lock.read_text().splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        digest, _, coordinates = line.partition("  ")
        parts = coordinates.split(":")
        if len(digest) != 64 or len(parts) != 3:
            raise JarsError(f"{lock.name}, line {number}: expected 'SHA-256  group:artifact:version', got {line!r}")
        jars.append(Jar(parts[0], parts[1], parts[2], digest))
    return tuple(jars)


def kafka_jars() -> tuple[Path, ...]:
    """The broker's: `locked_jars`."""
    return locked_jars(KAFKA)


def locked_jars(of: Locked) -> tuple[Path, ...]:
    """The verified jars of a class path, fetched if they are not here yet.

    Raises:
        JarsError: A jar cannot be fetched, or its SHA-256 is not the lock's.
    """
    jars = read_lock(of.lock)
    folder = cache() / of.name / hashlib.sha256(of.lock.read_bytes()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    with _only_one_process(folder):
        missing = [jar for jar in jars if not (folder / jar.file_name).exists()]
        if missing:
            _fetch(missing, folder, of)
        for jar in jars:
            _verify(jar, folder / jar.file_name)
    return tuple(folder / jar.file_name for jar in jars)


def relock(of: Locked = KAFKA) -> tuple[Jar, ...]:
    """Resolves what the POM asks for, with everything it needs at run time, and writes the lock."""
    with tempfile.TemporaryDirectory() as repository:
        maven = MavenContext(repo_cache=Path(repository))
        # "!": as Maven does, the dependency management of what we ask for does not rule the rest
        asked = [maven.create_dependency(f"{coordinates}!") for coordinates in _asked_for(of.pom)]
        inputs, followed = maven.resolver.resolve(asked)
        jars = []
        for dependency in [*inputs, *followed]:
            digest = _sha256(dependency.artifact.resolve())
            jars.append(Jar(dependency.groupId, dependency.artifactId, dependency.version, digest))
    unique = tuple(sorted(set(jars)))
    header = f"# The jars of {of.title}, from {of.pom.relative_to(CLONE)}. Remake: {of.remake}\n"
    of.lock.write_text(header + "".join(f"{jar.sha256}  {jar.coordinates}\n" for jar in unique))
    return unique


def _asked_for(pom: Path) -> list[str]:
    """The coordinates in the <dependencies> of a POM."""
    found = ET.parse(pom).findall("./m:dependencies/m:dependency", _POM_NAMESPACE)  # noqa: S314 (our own file)
    parts = ("groupId", "artifactId", "version")
    return [":".join(str(each.findtext(f"m:{part}", "", _POM_NAMESPACE)) for part in parts) for each in found]


def _fetch(jars: Sequence[Jar], folder: Path, of: Locked) -> None:
    """Puts verified jars into `folder`: from Maven Central, or by the user's own Maven where that is out of reach."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        try:
            fetched = _fetch_from_central(jars, Path(scratch))
        except Exception as central:  # whatever the HTTP library raises: the other way in may still be open
            try:
                fetched = _fetch_with_maven(jars, Path(scratch), of.pom)
            except (OSError, subprocess.SubprocessError) as maven:
                raise JarsError(
                    f"could not fetch {of.title}'s jars: {_one_line(central)}; with mvn: {_one_line(maven)}",
                    hint=of.hint,
                ) from central
        for jar, path in zip(jars, fetched, strict=True):
            _verify(jar, path)
            path.replace(folder / jar.file_name)


def _fetch_from_central(jars: Sequence[Jar], scratch: Path) -> list[Path]:
    maven = MavenContext(repo_cache=scratch / "repository")

    def fetch(jar: Jar) -> Path:
        path: Path = maven.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()
        return path

    with ThreadPoolExecutor(max_workers=8) as pool:
        return list(pool.map(fetch, jars))


def _fetch_with_maven(jars: Sequence[Jar], scratch: Path, pom: Path) -> list[Path]:
    """Honours the mirrors and proxies in the user's settings.xml, which the resolver above does not read."""
    program = shutil.which("mvn")
    if program is None:
        raise FileNotFoundError("there is no mvn on the PATH")
    target = scratch / "maven"
    command = [program, "-q", "-B", "-f", str(pom), "dependency:copy-dependencies", f"-DoutputDirectory={target}"]
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
    return [target / jar.file_name for jar in jars]


def _verify(jar: Jar, path: Path) -> None:
    if not path.exists():
        raise JarsError(f"{jar.coordinates} is in the lock but was not fetched", exit_code=5)
    found = _sha256(path)
    if found != jar.sha256:
        raise JarsError(
            f"{path.name}: SHA-256 is {found}, the lock says {jar.sha256}: it was changed after it was locked",
            hint=f"remove {path} to fetch it again",
            exit_code=5,
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _one_line(error: BaseException) -> str:
    detail = getattr(error, "stdout", None) or str(error)
    return " ".join(str(detail).split())[:300]


@contextmanager
def _only_one_process(folder: Path) -> Iterator[None]:
    """Two programs that find the cache empty do not fetch twice; the lock goes with the process."""
    handle = os.open(folder / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def main(arguments: Sequence[str]) -> None:
    """Fetches and verifies, or remakes the lock."""
    if list(arguments) == ["--relock"]:
        sys.stdout.write(f"{KAFKA.lock.name}: {len(relock())} jars\n")
    elif not arguments:
        jars = kafka_jars()
        sys.stdout.write(f"{len(jars)} jars verified in {jars[0].parent}\n")
    else:
        raise SystemExit("usage: python -m sandbox.runtime.jars [--relock]")


if __name__ == "__main__":
    main(sys.argv[1:])
