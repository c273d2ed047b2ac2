"""The cluster, asked: whole lists and nothing else; what is refused, forgotten or late is never taken for an answer."""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import botocore
import httpx
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from policies.account import KUBERNETES, Account, NotObservable, Unanswered, Unobservable
from policies.catalogue import control
from policies.cluster import objects
from policies.evidence import AccountTarget, EvidenceRun
from policies.evidence import cluster as asking
from policies.evidence.cluster import LISTING
from policies.evidence.judging import findings
from policies.evidence.reaching import Cluster, Unreachable, eks_token, of_kubeconfig
from policies.evidence.reader import BotoSource, answer_digest
from policies.evidence.recorder import Recorder
from policies.model import Outcome
from tests.policies.account.clients import REGION, session
from tests.policies.kubernetes_api import PODS, Asked, FakeApi
from tests.policies.test_evidence import Changed

Refusal = Callable[[Asked], tuple[int, dict[str, Any]] | None]


@pytest.fixture
def api() -> Iterator[FakeApi]:
    """An API that holds seven pods."""
    fake = FakeApi({PODS: [{"metadata": {"name": f"pod-{n}", "namespace": "exchange"}} for n in range(7)]})
    yield fake
    fake.stop()


def reader_of(cluster: Cluster | None, **more: Any) -> Recorder:  # noqa: ANN401  (a target's own fields)
    """A reader of an account with this cluster."""
    return Recorder(BotoSource(AccountTarget(session(), REGION, cluster=cluster, **more)))


def pods_of(reader: Recorder) -> list[str]:
    """The names of the pods that the reader lists."""
    account = Account("123456789012", REGION, reader)
    return [objects.name_of(each) for each in account.objects(PODS)]


NAMES = [f"pod-{n}" for n in range(7)]


def test_all_pages_are_one_answer_that_is_kept_with_its_hash(api: FakeApi) -> None:
    """Three pages, one list; a second question is not sent."""
    api.page = 3
    source = BotoSource(AccountTarget(session(), REGION, cluster=api.cluster))
    reader = Recorder(source)
    assert pods_of(reader) == pods_of(reader) == NAMES
    assert [each.parameters.get("continue") for each in api.asked] == [None, "3", "6"]
    (answer,) = source.answers
    assert (answer.service, answer.operation, answer.parameters) == (KUBERNETES, "List", {"path": PODS})
    assert answer.sha256 == answer_digest(answer.body)
    assert set(reader.drain()) == {answer.sha256}


def test_a_list_that_is_forgotten_halfway_is_read_again_whole(api: FakeApi) -> None:
    """410 Gone: nothing is listed twice, and nothing is left out."""
    api.page, gone = 3, [True]
    api.fail = lambda asked: (410, {}) if asked.parameters.get("continue") == "6" and gone and gone.pop() else None
    assert pods_of(reader_of(api.cluster)) == NAMES


def test_a_list_that_is_forgotten_again_and_again_is_no_answer(api: FakeApi) -> None:
    """A part of a list is no list."""
    api.page = 3
    api.fail = lambda asked: (410, {}) if "continue" in asked.parameters else None
    with pytest.raises(Unanswered, match="Expired"):
        pods_of(reader_of(api.cluster))


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        ((403, {"reason": "Forbidden", "message": 'pods is forbidden: User "auditor" cannot list'}), "Forbidden"),
        ((401, {"reason": "Unauthorized", "message": "Unauthorized"}), "Unauthorized"),
        ((404, {"reason": "NotFound", "message": "the server could not find the resource"}), "NotFound"),
        ((500, {}), "HTTP500"),
        ((301, {}), "HTTP301"),
        ((200, {"kind": "Status"}), "NoList"),
        ((200, {"hello": "I am a proxy"}), "NoList"),
    ],
)
def test_what_is_refused_or_is_no_list_is_no_answer(
    api: FakeApi, refusal: tuple[int, dict[str, Any]], code: str
) -> None:
    """In the API's own words where it has some, also on a later page."""
    api.page = 3
    for fail in (lambda _: refusal, lambda asked: refusal if "continue" in asked.parameters else None):
        api.fail = fail
        with pytest.raises(Unanswered) as refused:
            pods_of(reader_of(api.cluster))
        assert refused.value.code == code
        assert refusal[1].get("message", "") in str(refused.value)


def test_who_is_asked_to_wait_waits_and_asks_again(api: FakeApi) -> None:
    """A busy API says when to come back."""
    busy = [True, True]
    api.fail = lambda _: (429, {"reason": "TooManyRequests"}) if busy and busy.pop() else None
    assert pods_of(reader_of(api.cluster)) == NAMES
    assert len(api.asked) == 3


def test_an_api_that_is_late_or_away_is_no_answer_and_the_way_out_is_told(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever stands outside a private network learns what to do."""
    monkeypatch.setattr(asking, "_TIMEOUT", httpx.Timeout(0.1))
    api.delay_s = 0.5
    with pytest.raises(Unanswered, match=r"the cluster does not answer: ReadTimeout.*--kubeconfig"):
        pods_of(reader_of(api.cluster))
    away = Cluster("https://127.0.0.1:1", ssl.create_default_context())
    with pytest.raises(Unanswered, match=r"the cluster does not answer: ConnectError.*--kubeconfig") as refused:
        pods_of(reader_of(away))
    assert refused.value.code == "ClusterUnreachable"


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("list", "/api/v1/secrets"),
        ("list", "/api/v1/namespaces/exchange/secrets"),
        ("list", "/api/v1/pods/../secrets"),
        ("list", "/api/v1/pods?watch=1"),
        ("list", "/api/v1/secrets/"),
        ("delete", "/api/v1/pods"),
        ("list", "/logs"),
        ("list", ""),
    ],
)
def test_secrets_and_all_that_is_no_list_are_never_asked_for(api: FakeApi, operation: str, path: str) -> None:
    """A fault of the check that asks, told before anything is sent."""
    with pytest.raises(ValueError, match="evidence"):
        reader_of(api.cluster).ask(KUBERNETES, operation, {"path": path})
    assert not api.asked


def test_a_twin_without_a_cluster_shows_nothing_of_it() -> None:
    """A cluster that is declared state only proves nothing, good or bad."""
    with pytest.raises(NotObservable, match="declared state only"):
        pods_of(reader_of(None, endpoint_url="http://127.0.0.1:1"))


def test_a_cluster_that_is_left_out_is_not_asked(api: FakeApi) -> None:
    """As the caller wishes, and every check of it says so."""
    with pytest.raises(NotObservable, match="left out of this run"):
        pods_of(reader_of(api.cluster, unobservable=Unobservable(operations=frozenset({LISTING}))))
    assert not api.asked


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


@pytest.mark.parametrize(
    ("configuration", "outcome"),
    [
        ('{"enableNetworkPolicy": "true"}', Outcome.PASS),
        ('{"enableNetworkPolicy": true}', Outcome.PASS),
        ('{"enableNetworkPolicy": "false"}', Outcome.FAIL),
        ("[]", Outcome.FAIL),
        (None, Outcome.FAIL),
    ],
)
def test_network_policies_are_enforced_where_the_add_on_is_told_to(
    good: EvidenceRun, configuration: str | None, outcome: Outcome
) -> None:
    """On an answer of AWS's shape, which moto lacks (net-4-policies-enforced): by default nothing is enforced."""
    told = Changed(good, "describe_addon", lambda a: a.update(addon={"configurationValues": configuration}))
    account = Account(good.scopes[0].account, REGION, Recorder(told))
    found = [each for each in findings(control("NET-4"), account) if ":cluster/" in each.resource]
    assert [each.outcome for each in found] == [outcome]
