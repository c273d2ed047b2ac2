"""Generate the Python side of proto/ into services/contract/: messages, stubs for the type checker, gRPC services.

`python tools/generate_proto.py` writes; `--check` only says whether what is committed is what would be written.
The contracts live under the package `valletta.exchange.v1`; the Python lives under `services.contract`, because
`valletta` is the command's own package, so the imports inside the generated files are moved.
"""

from __future__ import annotations

import re
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "valletta/exchange/v1"
TARGET = ROOT / "services/contract/exchange/v1"


def generate(into: Path) -> dict[str, str]:
    """Run protoc and return the generated files by name, their imports moved under `services.contract`."""
    protos = sorted(str(p) for p in (ROOT / "proto" / PACKAGE).glob("*.proto"))
    well_known = str(files("grpc_tools") / "_proto")
    outs = [f"--python_out={into}", f"--grpc_python_out={into}"]
    outs += [f"--{kind}_out=quiet:{into}" for kind in ("mypy", "mypy_grpc")]
    scripts = Path(sys.executable).parent  # the type-stub plugins, whether or not the environment is on the PATH
    outs += [f"--plugin={plugin}={scripts / plugin}" for plugin in ("protoc-gen-mypy", "protoc-gen-mypy_grpc")]
    if protoc.main(["protoc", f"-I{ROOT / 'proto'}", f"-I{well_known}", *outs, *protos]) != 0:
        raise SystemExit("protoc refused the contracts in proto/: its message is above")
    written = {}
    for path in sorted((into / PACKAGE).iterdir()):
        # Imports and module names move; the wire's own names (descriptors, gRPC method paths) stay.
        text = re.sub(
            r"^(from|import) valletta\.exchange\.v1", r"\1 services.contract.exchange.v1", path.read_text(), flags=re.M
        )
        text = re.sub(r"valletta\.exchange\.v1\.(\w+_pb2)\b", r"services.contract.exchange.v1.\1", text)
        written[path.name] = text
    return written


def main(arguments: list[str]) -> int:
    """Write the generated files, or with `--check` compare them; returns 1 when they are stale."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = generate(Path(folder))
    stale = [name for name, text in fresh.items() if not _same(TARGET / name, text)]
    if "--check" in arguments:
        if stale:
            sys.stderr.write(f"stale: {', '.join(stale)}; run: python tools/generate_proto.py\n")
        return 1 if stale else 0
    TARGET.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (TARGET / name).write_text(fresh[name])
    return 0


def _same(path: Path, text: str) -> bool:
    return path.exists() and path.read_text() == text


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
