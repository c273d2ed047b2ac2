"""The cluster, asked: whole lists and nothing else; what is refused, forgotten or late is never taken for an answer."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from policies.account import KUBERNETES, NotObservable, Unanswered, Unobservable
from policies.evidence import AccountTarget
from policies.evidence import cluster as asking
from policies.evidence.cluster import LISTING
from policies.evidence.reaching import Cluster
from policies.evidence.reader import BotoSource
from policies.evidence.recorder import Recorder
from policies.evidence.run import answer_digest
from tests.policies.account.clients import REGION, session
from tests.policies.evidence.cluster_reading import NAMES, pods_of, reader_of
from tests.policies.kubernetes_api import PODS, Asked, FakeApi

Refusal = Callable[[Asked], tuple[int, dict[str, Any]] | None]


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
