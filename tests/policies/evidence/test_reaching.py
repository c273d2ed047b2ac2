"""How a cluster is reached: by a token that whoever asks signs, or by a kubeconfig that proves whom it talks to."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import botocore
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from policies.account import Unanswered
from policies.evidence import AccountTarget
from policies.evidence.reaching import Unreachable, eks_token, of_kubeconfig
from policies.evidence.reader import BotoSource
from policies.evidence.recorder import Recorder
from tests.policies.account.clients import REGION, session
from tests.policies.evidence.cluster_reading import NAMES, pods_of
from tests.policies.kubernetes_api import FakeApi

AUTHORITY = base64.b64encode((Path(botocore.__file__).parent / "cacert.pem").read_bytes()).decode()
"""Any authorities will do where the API of a test has no certificate."""


def account_with(*clusters: str, endpoint: str = "") -> boto3.Session:
    """A session of an account with these clusters of EKS, answered before anything is sent."""

    def answer(request: Any, **_: object) -> Any:  # noqa: ANN401  (botocore's own types)
        described = {"endpoint": endpoint, "certificateAuthority": {"data": AUTHORITY}}
        body = {"clusters": clusters} if request.url.endswith("/clusters") else {"cluster": described}
        raw: Any = type("Raw", (), {"stream": lambda *_, **__: [json.dumps(body).encode()]})()
        return AWSResponse(request.url, 200, HTTPHeaders(), raw)

    made = session()
    made.events.register("before-send.eks", answer)
    return made


def test_the_one_cluster_of_an_account_is_reached_with_a_token(api: FakeApi) -> None:
    """Where EKS says that it is, and signed for it by whoever asks."""
    reader = Recorder(BotoSource(AccountTarget(account_with("exchange", endpoint=api.url), REGION)))
    assert pods_of(reader) == NAMES
    (asked,) = api.asked
    assert asked.headers["Authorization"].startswith("Bearer k8s-aws-v1.")


@pytest.mark.parametrize("names", [(), ("exchange", "another")])
def test_an_account_without_one_cluster_is_an_error_that_says_so(names: tuple[str, ...]) -> None:
    """None is there, or it is not known which: in neither case did a cluster answer."""
    with pytest.raises(Unanswered, match=rf"the cluster does not answer: the account has {len(names)} .*--kubeconfig"):
        pods_of(Recorder(BotoSource(AccountTarget(account_with(*names), REGION))))


def test_an_account_whose_eks_does_not_answer_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without credentials nothing can be asked at all."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    nobody = boto3.Session(region_name=REGION)
    monkeypatch.setattr(nobody._session, "get_credentials", lambda: None)
    with pytest.raises(Unanswered, match="EKS does not say where it is"):
        pods_of(Recorder(BotoSource(AccountTarget(nobody, REGION))))


def test_a_token_for_eks_is_a_signed_question_for_one_cluster() -> None:
    """As `aws eks get-token` makes it: who am I, asked of STS, bound to the cluster by a signed header."""
    token = eks_token(session(), REGION, "exchange")
    prefix, _, encoded = token.rpartition(".")
    assert prefix == "k8s-aws-v1"
    assert "=" not in encoded
    url = urlsplit(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode())
    query = parse_qs(url.query)
    assert (url.scheme, url.hostname) == ("https", f"sts.{REGION}.amazonaws.com")
    assert query["Action"] == ["GetCallerIdentity"]
    assert query["X-Amz-SignedHeaders"] == ["host;x-k8s-aws-id"]
    assert query["X-Amz-Expires"] == ["60"]
    assert eks_token(session(), REGION, "another") != token


def test_who_has_no_credentials_has_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """And it is told so, before a request without a signature is sent."""
    made = session()
    monkeypatch.setattr(made, "get_credentials", lambda: None)
    with pytest.raises(Unreachable, match="no credentials"):
        eks_token(made, REGION, "exchange")


def kubeconfig(folder: Path, cluster: dict[str, Any], user: dict[str, Any]) -> Path:
    """A kubeconfig with one context."""
    document = {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
        "clusters": [{"name": "k", "cluster": cluster}],
        "users": [{"name": "u", "user": user}],
    }
    file = folder / "kubeconfig"
    file.write_text(json.dumps(document))
    return file


def test_a_token_of_a_kubeconfig_is_shown_and_read_again_each_time(tmp_path: Path) -> None:
    """A token in a file is another one when the old one has ended."""
    (tmp_path / "token").write_text("first\n")
    cluster = of_kubeconfig(kubeconfig(tmp_path, {"server": "https://k"}, {"tokenFile": "token"}))
    assert cluster.headers() == {"Authorization": "Bearer first"}
    (tmp_path / "token").write_text("second\n")
    assert cluster.headers() == {"Authorization": "Bearer second"}
    assert of_kubeconfig(kubeconfig(tmp_path, {"server": "https://k"}, {})).headers() == {}


@pytest.mark.parametrize(
    ("cluster", "user", "says"),
    [
        ({"server": "https://k", "insecure-skip-tls-verify": True}, {}, "trusts whoever answers"),
        ({"server": "http://k"}, {}, "without TLS"),
        ({"server": "https://k"}, {"exec": {"command": "aws"}}, "signs in through a program"),
        ({}, {}, "is no kubeconfig"),
        ({"server": "https://k", "certificate-authority": "missing.pem"}, {}, "cannot be used"),
        ({"server": "https://k", "certificate-authority-data": "%%"}, {}, "cannot be used"),
    ],
)
def test_a_kubeconfig_that_proves_nothing_is_refused(
    tmp_path: Path, cluster: dict[str, Any], user: dict[str, Any], says: str
) -> None:
    """Evidence that comes from whoever answers is none."""
    with pytest.raises(ValueError, match=says):
        of_kubeconfig(kubeconfig(tmp_path, cluster, user))
    (tmp_path / "empty").write_text("")
    with pytest.raises(ValueError, match="is no kubeconfig"):
        of_kubeconfig(tmp_path / "empty")
