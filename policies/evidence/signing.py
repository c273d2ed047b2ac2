"""A bundle's signature: DSSE over an in-toto statement that names every file by its SHA-256.

The key is an Ed25519 key in a PEM file, or a signing key in AWS KMS (`awskms:KEY`). Anybody who has the public key can
verify a bundle, without an account and without this program: the formats are in-toto's and DSSE's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError as EnvelopeError
from securesystemslib.signer import AWSSigner, CryptoSigner, Key, Signer, SSlibKey

from policies.evidence.run import EvidenceRun
from policies.evidence.store import ANSWERS, FOUND

ENVELOPE: Final = "bundle.dsse.json"
PUBLIC_KEY: Final = "signer.pem"
PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "urn:valletta:evidence:2"
_KMS: Final = "awskms:"


class SigningError(Exception):
    """A key that cannot be used, told without any of it."""


class SignatureFaultsError(Exception):
    """A bundle that is not what was signed; `faults` has a line for each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def new_key(private: Path) -> Path:
    """Make an Ed25519 key: the private one at `private`, for its owner's eyes only, the public one beside it (.pub).

    Raises:
        SigningError: there is a file already.
    """
    public = private.with_suffix(".pub")
    if private.exists() or public.exists():
        raise SigningError(f"{private if private.exists() else public} is there already; a key is never overwritten")
    key = Ed25519PrivateKey.generate()
    private.touch(mode=0o600)
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    public.write_bytes(_pem(key.public_key()))
    return public


def load_signer(key: str) -> Signer:
    """The signer of a PEM file, or of `awskms:` and a key's id, ARN or alias.

    Raises:
        SigningError: there is no such key, or it does not sign.
    """
    try:
        if key.startswith(_KMS):
            uri, public = AWSSigner.import_(key.removeprefix(_KMS))
            return AWSSigner.from_priv_key_uri(uri, public)
        loaded = serialization.load_pem_private_key(Path(key).read_bytes(), password=None)
        if not isinstance(loaded, Ed25519PrivateKey):
            raise SigningError(f"{key} holds no Ed25519 key; `valletta evidence key FILE` makes one")
        return CryptoSigner(loaded, SSlibKey.from_crypto(loaded.public_key()))
    except (OSError, ValueError, TypeError) as error:
        raise SigningError(f"{key} holds no private key in PEM: {error}") from error
    except SigningError:
        raise
    except Exception as error:  # boto3's and KMS's own, of many kinds
        raise SigningError(f"{key} cannot sign: {error}") from error


def sign(run: EvidenceRun, folder: Path, signer: Signer) -> None:
    """Sign every file of a bundle, reports beside the evidence included."""
    statement = {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": name, "digest": {"sha256": _digest(folder / name)}} for name in _files(folder)],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "startedAt": run.started_at,
            "endedAt": run.ended_at,
            "scopes": run.to_json()["scopes"],
            "catalogue": {"commit": run.commit, "sha256": run.catalogue_sha256},
            "summary": {outcome.value: count for outcome, count in run.count().items()},
        },
    }
    payload = json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()
    envelope = Envelope(payload, PAYLOAD_TYPE, {})
    envelope.sign(signer)
    (folder / ENVELOPE).write_text(json.dumps(envelope.to_dict(), indent=2) + "\n", encoding="utf-8")
    (folder / PUBLIC_KEY).write_bytes(_public_pem(signer.public_key))


def verify(folder: Path, trusted: Path | None = None) -> tuple[str, Mapping[str, Any]]:
    """Check a bundle's signature and every file that it names.

    Args:
        trusted: the public key in PEM that the bundle must be signed by; without it the one in the bundle is taken,
            which proves that nothing was changed since, and not who signed.

    Returns:
        The id of the key that signed, and the statement's predicate.

    Raises:
        SigningError: the key is none.
        SignatureFaultsError: the bundle is not what was signed.
    """
    public = _public_key(trusted or folder / PUBLIC_KEY)
    try:
        envelope = Envelope.from_dict(json.loads((folder / ENVELOPE).read_text(encoding="utf-8")))
        envelope.verify([public], 1)
    except OSError as error:
        raise SignatureFaultsError([f"there is no signature: {error}"]) from error
    except (EnvelopeError, ValueError, KeyError, TypeError) as error:
        raise SignatureFaultsError([f"the signature is not that of the key {public.keyid[:16]}: {error}"]) from error
    statement = json.loads(envelope.payload)
    faults = list(_statement_faults(statement, envelope.payload_type, folder))
    if faults:
        raise SignatureFaultsError(faults)
    return public.keyid, statement["predicate"]


def _statement_faults(statement: Mapping[str, Any], payload_type: str, folder: Path) -> Iterator[str]:
    kinds = (payload_type, statement.get("_type"), statement.get("predicateType"))
    if kinds != (PAYLOAD_TYPE, STATEMENT_TYPE, PREDICATE_TYPE):
        yield f"what is signed is no evidence: {kinds}"
        return
    named: Sequence[Mapping[str, Any]] = statement["subject"]
    for subject in named:
        file = folder / subject["name"]
        if file.resolve().parent != folder.resolve():
            yield f"{subject['name']} is no file of the bundle"
        elif not file.is_file():
            yield f"{subject['name']} was signed, and is gone"
        elif _digest(file) != subject["digest"]["sha256"]:
            yield f"{subject['name']} is not the file that was signed: its SHA-256 differs"
    names = {subject["name"] for subject in named}
    yield from (f"{name} is not among what was signed" for name in (FOUND, ANSWERS) if name not in names)
    yield from (f"{name} was added after it was signed" for name in _files(folder) if name not in names)


def _files(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir() if file.is_file() and file.name not in (ENVELOPE, PUBLIC_KEY))


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _public_key(file: Path) -> Key:
    try:
        return SSlibKey.from_crypto(serialization.load_pem_public_key(file.read_bytes()))
    except (OSError, ValueError) as error:
        raise SigningError(f"{file} holds no public key in PEM: {error}") from error


def _public_pem(key: Key) -> bytes:
    """A key as PEM, which DSSE's library keeps raw where it is an Ed25519 key."""
    public: str = key.keyval["public"]
    if key.keytype == "ed25519":
        return _pem(Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)))
    return public.encode("ascii")


def _pem(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
