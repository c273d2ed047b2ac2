"""exchange-core, the engine that the core is measured against: its jars, and how its harness is started.

python -m bench.exchange_core --relock    remake jars.lock from pom.xml
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sandbox.runtime.jars import Locked, locked_jars
from sandbox.runtime.java import find_java

HERE: Final = Path(__file__).resolve().parent

EXCHANGE_CORE: Final = Locked(
    name="exchange-core",
    title="exchange-core",
    pom=HERE / "pom.xml",
    lock=HERE / "jars.lock",
    remake="python -m bench.exchange_core --relock",
    hint="connect once and try again",
)

# What Java 17 asks for before exchange-core's libraries may do what they do; the heap is given whole from the start.
_FLAGS: Final = (
    "-Xms2g",
    "-Xmx2g",
    "-XX:+UseParallelGC",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
)


def command(mode: str, stream: Path) -> list[str]:
    """How the harness is started on a stream: Java runs it from its source.

    Raises:
        JavaMissingError: No Java 17 or newer was found.
        JarsError: The jars could not be fetched, or are not what the lock says.
    """
    class_path = ":".join(str(jar) for jar in locked_jars(EXCHANGE_CORE))
    return [str(find_java().program), *_FLAGS, "-cp", class_path, str(HERE / "Harness.java"), mode, str(stream)]
