"""Is evidence what was collected? Asked before anything is said of it: by a verification, a comparison, a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from policies.evidence.signing import ENVELOPE, SignatureFaultsError, SigningError, verify
from policies.evidence.store import integrity_faults, read_document
from sandbox.errors import SandboxError

USAGE: Final = 2
INTEGRITY: Final = 5


@dataclass(frozen=True, slots=True)
class Sound:
    """Evidence in which nothing contradicts anything else, nor the signature that it may bring."""

    content: Mapping[str, Any]
    key_id: str | None
    """Of the key that signed; None where nobody did."""


def sound(path: Path, key: Path | None = None) -> Sound:
    """The evidence at a path: a bundle's folder or a file.

    Args:
        key: the public key that it must be signed by; without it a bundle's own is taken, which shows that nothing was
            changed since, and not who signed.

    Raises:
        SandboxError: it is no evidence, or no key; it was changed, or is not signed by that key.
    """
    key_id = _signed_by(path, key)
    try:
        content = read_document(path)
        faults = list(integrity_faults(content))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SandboxError(f"{path} is no evidence: {error}", exit_code=USAGE) from error
    if faults:
        raise SandboxError(f"{path} is not as it was collected", details=faults, exit_code=INTEGRITY)
    return Sound(content, key_id)


def _signed_by(path: Path, key: Path | None) -> str | None:
    if not (path / ENVELOPE).is_file():
        if key is not None:
            raise SandboxError(f"{path} is not signed, so it is not signed by {key}", exit_code=INTEGRITY)
        return None
    try:
        key_id, _ = verify(path, key)
    except SigningError as error:
        raise SandboxError(str(error), exit_code=USAGE) from error
    except SignatureFaultsError as error:
        raise SandboxError(f"{path} is not what was signed", details=error.faults, exit_code=INTEGRITY) from error
    return key_id
