"""A certificate authority of the control plane's own, and what it issues. Keys are readable by their owner only.

Certificates are made again when they are about to expire; the programs read the files anew by themselves.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sandbox.files import write_atomically

_AUTHORITY_LIFE = dt.timedelta(days=3650)
_LIFE = dt.timedelta(days=365)
_RENEWED_BEFORE = dt.timedelta(days=60)
_CLOCK_SKEW = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Pair:
    """The files of a certificate and its private key, PEM."""

    certificate: Path
    key: Path


class Authority:
    """The authority whose certificate and key lie in the files of `pair`; made when first asked for."""

    def __init__(self, pair: Pair) -> None:
        if _expiring(pair):
            _found(pair)
        self._certificate = x509.load_pem_x509_certificate(pair.certificate.read_bytes())
        key = serialization.load_pem_private_key(pair.key.read_bytes(), password=None)
        self._key = cast(ec.EllipticCurvePrivateKey, key)  # we wrote it

    def issue_client(self, pair: Pair, name: str, groups: Sequence[str] = ()) -> None:
        """A client's certificate, unless `pair` is a good one: who shows it is the user `name` in `groups`."""
        attributes = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
        subject = x509.Name([*attributes, x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._issue(pair, subject, ExtendedKeyUsageOID.CLIENT_AUTH, [])

    def issue_server(self, pair: Pair, names: Sequence[str]) -> None:
        """A server's certificate for host names and addresses, unless `pair` is a good one."""
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, pair.certificate.stem)])
        self._issue(pair, subject, ExtendedKeyUsageOID.SERVER_AUTH, [_general(name) for name in names])

    def _issue(
        self, pair: Pair, subject: x509.Name, usage: x509.ObjectIdentifier, names: list[x509.GeneralName]
    ) -> None:
        if not _expiring(pair) and _signed_by(pair, self._certificate):
            return
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _blank(subject, key, _LIFE).issuer_name(self._certificate.subject)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        _write(pair, builder.sign(self._key, hashes.SHA256()), key)


def make_signing_key(pair: Pair) -> None:
    """The key with which service accounts' tokens are signed, and in place of a certificate its public part."""
    if not pair.certificate.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        write_atomically(pair.key, _pem(key), mode=0o600)
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        write_atomically(pair.certificate, public.decode())


def _found(pair: Pair) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"valletta-{pair.certificate.stem}")])
    builder = _blank(subject, key, _AUTHORITY_LIFE).issuer_name(subject)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    _write(pair, builder.sign(key, hashes.SHA256()), key)


def _blank(subject: x509.Name, key: ec.EllipticCurvePrivateKey, life: dt.timedelta) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write(pair: Pair, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    """The key first: a certificate that is there has its key."""
    write_atomically(pair.key, _pem(key), mode=0o600)
    write_atomically(pair.certificate, certificate.public_bytes(serialization.Encoding.PEM).decode())


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def _expiring(pair: Pair) -> bool:
    if not pair.certificate.exists():
        return True
    certificate = x509.load_pem_x509_certificate(pair.certificate.read_bytes())
    return certificate.not_valid_after_utc - _RENEWED_BEFORE < dt.datetime.now(dt.UTC)


def _signed_by(pair: Pair, authority: x509.Certificate) -> bool:
    certificate = x509.load_pem_x509_certificate(pair.certificate.read_bytes())
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
