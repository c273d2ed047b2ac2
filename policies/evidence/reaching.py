"""How a Kubernetes API is reached: by a kubeconfig, or as `aws eks get-token` does it for a cluster of the account."""

from __future__ import annotations

import base64
import binascii
import ssl
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import boto3
import yaml
from botocore.exceptions import BotoCoreError, ClientError
from botocore.signers import RequestSigner

_TOKEN_PREFIX: Final = "k8s-aws-v1."  # noqa: S105  (no credential)
_TOKEN_LIFE_S: Final = 60
"""Until when the signed question may be put. EKS lets the token itself be for a quarter of an hour."""


class Unreachable(Exception):  # noqa: N818  (it ends as an answer that did not come)
    """It is not known how to reach the cluster; the message says why."""


@dataclass(frozen=True)
class Cluster:
    """A Kubernetes API: its address, whom we believe to be it, and what we show."""

    server: str
    trust: ssl.SSLContext
    """The authority of the API's certificate, and our own certificate where we have one."""
    token: Callable[[], str] | None = None
    """Makes the token to show; asked before each request, because tokens are short-lived."""

    def headers(self) -> Mapping[str, str]:
        """What each request shows beside a certificate."""
        return {"Authorization": f"Bearer {self.token()}"} if self.token else {}


def of_kubeconfig(file: Path) -> Cluster:
    """The cluster of a kubeconfig's current context, with its certificate or its token.

    Raises:
        ValueError: the file is no kubeconfig, trusts anybody, or signs in through a program.
    """
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
        context = _named(document, "context", document["current-context"])
        cluster, user = _named(document, "cluster", context["cluster"]), _named(document, "user", context["user"])
        server = str(cluster["server"])
    except (OSError, yaml.YAMLError, KeyError, TypeError, StopIteration) as error:
        raise ValueError(f"{file} is no kubeconfig with a current context: {error!r}") from error
    if cluster.get("insecure-skip-tls-verify"):
        raise ValueError(f"{file} trusts whoever answers (insecure-skip-tls-verify): no evidence comes from there")
    if not server.startswith("https://"):
        raise ValueError(f"{file} reaches {server} without TLS: no evidence comes from there")
    if "exec" in user or "auth-provider" in user:
        raise ValueError(f"{file} signs in through a program; a cluster of EKS is reached by --profile alone")
    try:
        return Cluster(server, _trust(cluster, user, file.parent), _token(user, file.parent))
    except (OSError, ssl.SSLError, binascii.Error) as error:
        raise ValueError(f"{file} names credentials that cannot be used: {error}") from error


def of_account(session: boto3.Session, region: str) -> Cluster:
    """The one EKS cluster of the account in a region.

    Raises:
        Unreachable: EKS does not answer, or there is none, or there are several: none is picked by chance.
    """
    client: Any = session.client("eks", region_name=region)
    try:
        names = client.get_paginator("list_clusters").paginate().build_full_result()["clusters"]
        if len(names) != 1:
            raise Unreachable(
                f"the account has {len(names)} clusters of EKS in {region} ({', '.join(names) or 'none'})"
            )
        described = client.describe_cluster(name=names[0])["cluster"]
    except (ClientError, BotoCoreError) as error:
        raise Unreachable(f"EKS does not say where it is: {error}") from error
    authority = base64.b64decode(described["certificateAuthority"]["data"]).decode()
    trust = ssl.create_default_context(cadata=authority)
    return Cluster(described["endpoint"], trust, lambda: eks_token(session, region, names[0]))


def eks_token(session: boto3.Session, region: str, cluster: str) -> str:
    """A token for a cluster of EKS: a question to STS about who asks, signed for this cluster and not put.

    Raises:
        Unreachable: the session has no credentials.
    """
    sts: Any = session.client("sts", region_name=region)
    credentials = session.get_credentials()
    if credentials is None:
        raise Unreachable("the session has no credentials to sign with")
    signer = RequestSigner(sts.meta.service_model.service_id, region, "sts", "v4", credentials, session.events)
    question = {
        "method": "GET",
        "url": f"{sts.meta.endpoint_url}/?Action=GetCallerIdentity&Version=2011-06-15",
        "body": {},
        "headers": {"x-k8s-aws-id": cluster},
        "context": {},
    }
    signed = signer.generate_presigned_url(question, region_name=region, expires_in=_TOKEN_LIFE_S, operation_name="")
    return _TOKEN_PREFIX + base64.urlsafe_b64encode(signed.encode()).decode().rstrip("=")


def _named(document: Mapping[str, Any], kind: str, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(each for each in document[f"{kind}s"] if each["name"] == name)[kind]
    return found


def _trust(cluster: Mapping[str, Any], user: Mapping[str, Any], folder: Path) -> ssl.SSLContext:
    authority = _material(cluster, "certificate-authority", folder)
    trust = ssl.create_default_context(cadata=authority.decode() if authority else None)
    certificate, key = _material(user, "client-certificate", folder), _material(user, "client-key", folder)
    if certificate and key:
        with tempfile.TemporaryDirectory() as private:  # ssl takes files only; the folder is its owner's alone
            pair = Path(private) / "pair.pem"
            pair.write_bytes(certificate + b"\n" + key)
            trust.load_cert_chain(pair)
    return trust


def _material(holder: Mapping[str, Any], key: str, folder: Path) -> bytes | None:
    """What a kubeconfig gives in a file beside it, or within itself."""
    if data := holder.get(f"{key}-data"):
        return base64.b64decode(data, validate=True)
    return (folder / holder[key]).read_bytes() if holder.get(key) else None


def _token(user: Mapping[str, Any], folder: Path) -> Callable[[], str] | None:
    if token := user.get("token"):
        return lambda: str(token)
    if named := user.get("tokenFile"):
        return lambda: (folder / named).read_text(encoding="utf-8").strip()
    return None
