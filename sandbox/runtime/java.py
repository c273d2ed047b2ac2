"""Finds a Java that Apache Kafka 4 can run on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import SandboxError

# Kafka 4 brokers need Java 17 (KIP-1013).
MINIMUM_JAVA = 17


class JavaMissingError(SandboxError):
    """No Java that a Kafka 4 broker runs on was found."""


@dataclass(frozen=True)
class Java:
    """A Java runtime: the path of its `java` program and its feature version, for instance 17."""

    program: Path
    version: int


def find_java() -> Java:
    """Finds the Java of `JAVA_HOME`, else the one on the PATH.

    Raises:
        JavaMissingError: There is none, it does not answer, or it is older than Java 17.
    """
    program = _program()
    answer = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=60, check=False)
    version = parse_java_version(answer.stderr)
    if answer.returncode != 0 or version is None:
        raise JavaMissingError(f"{program} did not say its version (exit {answer.returncode})", hint=_HINT)
    if version < MINIMUM_JAVA:
        raise JavaMissingError(f"{program} is Java {version}; Kafka needs Java {MINIMUM_JAVA} or newer", hint=_HINT)
    return Java(program, version)


def parse_java_version(text: str) -> int | None:
    """Reads the feature version out of what `java -version` prints: 17 of "17.0.15", 8 of "1.8.0_292"."""
    found = re.search(r'version "(?:1\.)?(\d+)', text)
    return int(found.group(1)) if found else None


_HINT = f"install Java {MINIMUM_JAVA}+ or set JAVA_HOME; or run without Kafka: valletta up --journal file"


def _program() -> Path:
    home = os.environ.get("JAVA_HOME")
    if home:
        program = Path(home) / "bin" / "java"
        if not program.is_file():
            raise JavaMissingError(f"JAVA_HOME is {home}, but there is no bin/java in it", hint=_HINT)
        return program
    found = shutil.which("java")
    if found is None:
        raise JavaMissingError("no Java was found: JAVA_HOME is not set and there is no java on the PATH", hint=_HINT)
    return Path(found)
