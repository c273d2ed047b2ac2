"""CloudTrail's digests, verified as `aws cloudtrail validate-logs` does: signatures, the chain, and every file's hash.

CloudTrail writes one digest an hour and region. It names the log files of that hour with their SHA-256, and the digest
before it with that one's signature. Its own signature (RSA, PKCS #1 v1.5, SHA-256) lies beside it as metadata of the
object. Source: AWS, "Custom implementations of CloudTrail log file integrity validation".
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from policies.account import Content

_ENDS: Final = ((0, "digestStartTime"), (-1, "digestEndTime"))

Fetch = Callable[[str, str], Content | None]
"""Gets an object by bucket and key; None where it is gone."""


@dataclass(frozen=True, slots=True)
class Digest:
    """One digest file, read."""

    bucket: str
    key: str
    text: bytes
    """Its JSON, unpacked: what is signed is over this."""
    said: Mapping[str, Any]
    signature: str
    """In hexadecimal digits."""

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.key.rpartition("/")[2]


def read_digest(bucket: str, key: str, content: Content) -> Digest | str:
    """The digest in an object, or what is wrong with it."""
    try:
        text = gzip.decompress(content.data)
        said = json.loads(text)
        _check_shape(said)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        return f"the digest {key.rpartition('/')[2]} cannot be read: {error}"
    signature = content.metadata.get("signature")
    if not signature:
        return f"the digest {key.rpartition('/')[2]} has no signature"
    return Digest(bucket, key, text, said, signature)


def _check_shape(said: object) -> None:
    """Refuse what is no digest, so that whoever reads on finds each part. Raises: ValueError."""
    if not isinstance(said, dict):
        raise ValueError("it holds no object")
    for name in ("digestStartTime", "digestEndTime"):
        if datetime.fromisoformat(str(said.get(name))).tzinfo is None:
            raise ValueError(f"{name} has no zone")
    files = said.get("logFiles", [])
    named = ("s3Bucket", "s3Object", "hashValue")
    if not isinstance(files, list) or any(not isinstance(file, dict) or set(named) - set(file) for file in files):
        raise ValueError("logFiles is no list of files")


def gap_faults(digests: Sequence[Digest], since: datetime, until: datetime) -> Iterator[str]:
    """Does a run of digests, oldest first, reach from `since` to `until`? What follows on each other may lack its ends.

    A digest is of one hour, and may come an hour after it.
    """
    if not digests:
        yield f"holds no digest of the time from {since.isoformat()} to {until.isoformat()}"
        return
    first, last = (datetime.fromisoformat(digests[end].said[name]) for end, name in _ENDS)
    if first > since + timedelta(hours=1):
        yield f"the digests begin at {first.isoformat()}, and are missing from {since.isoformat()} on"
    if last < until - timedelta(hours=2):
        yield f"the digests end at {last.isoformat()}, and are missing up to {until.isoformat()}"


def chain_faults(digests: Sequence[Digest], keys: Mapping[str, str], fetch: Fetch) -> Iterator[str]:
    """What is wrong with a run of digests, oldest first, and with the log files that they name.

    Args:
        keys: CloudTrail's public keys for that time: fingerprint -> PKCS #1 in DER, in base 64.
        fetch: gets the log files.
    """
    for at, digest in enumerate(digests):
        yield from _signature_faults(digest, keys)
        if at:
            yield from _link_faults(digests[at - 1], digest)
        for file in digest.said.get("logFiles", ()):
            yield from _file_faults(file, fetch)


def _signature_faults(digest: Digest, keys: Mapping[str, str]) -> Iterator[str]:
    said = digest.said
    if (said.get("digestS3Bucket"), said.get("digestS3Object")) != (digest.bucket, digest.key):
        yield f"the digest {digest.name} says that it is {said.get('digestS3Bucket')}/{said.get('digestS3Object')}"
        return
    key = keys.get(str(said.get("digestPublicKeyFingerprint")))
    if key is None:
        signer = said.get("digestPublicKeyFingerprint")
        yield f"the digest {digest.name} is signed by the key {signer}, which is none of CloudTrail's"
        return
    signed = "\n".join(
        (
            said["digestEndTime"],
            f"{digest.bucket}/{digest.key}",
            hashlib.sha256(digest.text).hexdigest(),
            said.get("previousDigestSignature") or "null",
        )
    )
    public = _rsa(key)
    try:
        public.verify(bytes.fromhex(digest.signature), signed.encode(), PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        yield f"the digest {digest.name} was changed: its signature does not fit"


def _link_faults(before: Digest, after: Digest) -> Iterator[str]:
    if after.said.get("previousDigestSignature") != before.signature:
        yield f"the digest {after.name} does not follow {before.name}: a digest between them is missing or changed"
    elif after.said.get("digestStartTime") != before.said.get("digestEndTime"):
        gap = f"{before.said.get('digestEndTime')} and {after.said.get('digestStartTime')}"
        yield f"nothing was recorded between {gap}"


def _file_faults(file: Mapping[str, Any], fetch: Fetch) -> Iterator[str]:
    name = str(file["s3Object"]).rpartition("/")[2]
    content = fetch(file["s3Bucket"], file["s3Object"])
    if content is None:
        yield f"the log file {name} is gone"
        return
    try:
        found = hashlib.sha256(gzip.decompress(content.data)).hexdigest()
    except (OSError, EOFError, zlib.error):
        found = ""
    if found != file["hashValue"]:
        yield f"the log file {name} was changed: its SHA-256 is not the digest's"


def _rsa(key: str) -> RSAPublicKey:
    loaded = load_der_public_key(base64.b64decode(key))
    if not isinstance(loaded, RSAPublicKey):
        raise TypeError("CloudTrail's keys are RSA keys")
    return loaded
