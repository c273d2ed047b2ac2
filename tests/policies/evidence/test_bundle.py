"""Bundles: signed, checked without an account, refused where changed, gone on with where they broke off."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from policies.evidence import EvidenceRun, collect
from policies.evidence.signing import (
    ENVELOPE,
    PUBLIC_KEY,
    SignatureFaultsError,
    SigningError,
    load_signer,
    new_key,
    sign,
    verify,
)
from policies.evidence.store import ANSWERS, FOUND, BundleError, Journal, begin, finish, integrity_faults, read_document
from tests.policies.account.whole import TestAccount, target_of


@pytest.fixture
def key(tmp_path: Path) -> Path:
    private = tmp_path / "auditor.pem"
    new_key(private)
    return private


@pytest.fixture
def bundle(good: EvidenceRun, key: Path, tmp_path: Path) -> Path:
    """A signed bundle with a report in it."""
    folder = tmp_path / "bundle"
    begin(folder, resume=False)
    Journal(folder).close()
    (folder / "report.html").write_text("<p>all is well</p>")
    finish(good, folder)
    sign(good, folder, load_signer(str(key)))
    return folder


def test_a_bundle_holds_the_run_and_is_signed_by_the_key_that_it_is_verified_with(
    good: EvidenceRun, bundle: Path, key: Path
) -> None:
    key_id, predicate = verify(bundle, key.with_suffix(".pub"))
    assert len(key_id) == 64
    assert predicate["catalogue"]["sha256"] == good.catalogue_sha256
    document = read_document(bundle)
    assert document == json.loads(json.dumps(good.to_json()))
    assert not list(integrity_faults(document))


def test_the_signature_is_plain_dsse_that_anybody_can_check(bundle: Path, key: Path) -> None:
    """By Ed25519 over DSSE's pre-authentication encoding, with no code of ours."""
    signature, signed = _envelope(bundle)
    public = serialization.load_pem_public_key(key.with_suffix(".pub").read_bytes())
    assert isinstance(public, Ed25519PublicKey)
    public.verify(signature, signed)
    names = {subject["name"] for subject in json.loads(signed[signed.index(b"{") :])["subject"]}
    assert names == {FOUND, ANSWERS, "report.html"}


def _envelope(bundle: Path) -> tuple[bytes, bytes]:
    """The signature, and what it is over."""
    envelope = json.loads((bundle / ENVELOPE).read_text())
    payload, kind = b64decode(envelope["payload"]), envelope["payloadType"]
    signed = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)
    return b64decode(envelope["signatures"][0]["sig"]), signed


def _swap(file: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        text = (folder / file).read_text()
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1))

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_swap(FOUND, '"PASS"', '"FAIL"'), "evidence.json is not the file that was signed"),
        (_swap(ANSWERS, "true", "false"), "answers.jsonl is not the file that was signed"),
        (_swap("report.html", "all is well", "all is lost"), "report.html is not the file"),
        (lambda folder: (folder / "report.html").unlink(), "report.html was signed, and is gone"),
        (lambda folder: (folder / "more.csv").write_text(""), "more.csv was added after it was signed"),
        (lambda folder: (folder / ENVELOPE).unlink(), "there is no signature"),
        (_swap(ENVELOPE, '"sig": "', '"sig": "AAAA'), "the signature is not that of the key"),
        (_swap(ENVELOPE, '"payload": "', '"payload": "AAAA'), "the signature is not that of the key"),
        (lambda folder: (folder / ENVELOPE).write_text("{}"), "the signature is not that of the key"),
    ],
    ids=["finding", "answer", "report", "gone", "added", "no signature", "signature", "payload", "empty"],
)
def test_a_bundle_that_was_touched_is_refused_and_says_where(
    bundle: Path, key: Path, change: Callable[[Path], object], told: str
) -> None:
    change(bundle)
    with pytest.raises(SignatureFaultsError) as refused:
        verify(bundle, key.with_suffix(".pub"))
    assert any(fault.startswith(told) for fault in refused.value.faults), refused.value.faults


def test_a_bundle_signed_by_somebody_else_is_refused_though_it_is_whole(
    good: EvidenceRun, bundle: Path, key: Path, tmp_path: Path
) -> None:
    """Whoever writes evidence anew can sign it anew: only a key that is known from elsewhere tells."""
    other = tmp_path / "other.pem"
    new_key(other)
    sign(good, bundle, load_signer(str(other)))
    verify(bundle)
    with pytest.raises(SignatureFaultsError, match="not that of the key"):
        verify(bundle, key.with_suffix(".pub"))


def test_a_key_of_kms_signs_without_ever_leaving_it(
    good: EvidenceRun, bundle: Path, account: TestAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", account.endpoint)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")  # out of the way of the account's own checks
    made = boto3.client("kms").create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")["KeyMetadata"]["KeyId"]
    sign(good, bundle, load_signer(f"awskms:{made}"))
    public = serialization.load_pem_public_key((bundle / PUBLIC_KEY).read_bytes())
    assert isinstance(public, EllipticCurvePublicKey)
    signature, signed = _envelope(bundle)
    # moto takes the digest that it is given for a message, and hashes it once more; AWS does not.
    public.verify(signature, hashlib.sha256(signed).digest(), ECDSA(SHA256()))
    with pytest.raises(SigningError, match="awskms:alias/none cannot sign"):
        load_signer("awskms:alias/none")


def test_a_key_is_never_overwritten_and_a_file_that_is_none_is_told_without_its_content(
    key: Path, tmp_path: Path
) -> None:
    assert key.stat().st_mode & 0o077 == 0, "for its owner's eyes only"
    with pytest.raises(SigningError, match="is there already"):
        new_key(key)
    (tmp_path / "torn.pem").write_text(key.read_text()[:80])
    with pytest.raises(SigningError, match="holds no private key in PEM") as refused:
        load_signer(str(tmp_path / "torn.pem"))
    assert key.read_text().splitlines()[1][:20] not in str(refused.value)
    with pytest.raises(SigningError, match="holds no public key"):
        verify(tmp_path, key)


def test_a_collection_that_broke_off_goes_on_and_asks_nothing_again(account: TestAccount, tmp_path: Path) -> None:
    """The last line of the journal may be torn: what it says is asked again, and only that."""
    folder = tmp_path / "bundle"
    begin(folder, resume=False)
    journal = Journal(folder)
    collect(target_of(account), ["NET-3", "NET-5"], keep=journal.keep)
    journal.close()
    lines = (folder / ANSWERS).read_text().splitlines(keepends=True)
    (folder / ANSWERS).write_text("".join(lines[:-1]) + lines[-1][:40])
    with pytest.raises(BundleError, match=f"holds {len(lines) - 1} answers of a run that broke off: add --resume"):
        begin(folder, resume=False)
    kept = begin(folder, resume=True)
    assert len(kept) == len(lines) - 1
    asked: list[str] = []
    run = collect(target_of(account), ["NET-3", "NET-5"], kept=kept, keep=lambda answer: asked.append(answer.operation))
    assert len(asked) == 2, "who is asking, and what was torn"
    assert run.complete
    finish(run, folder)
    with pytest.raises(BundleError, match="holds a finished run"):
        begin(folder, resume=True)


def test_what_another_account_answered_is_asked_again(account: TestAccount, good: EvidenceRun) -> None:
    """Else production could be judged by what staging said: a collection is gone on with by whoever asks now."""
    theirs = [replace(answer, account="999988887777", body={}) for answer in good.answers]
    run = collect(target_of(account), ["NET-3"], kept=theirs)
    assert {answer.account for answer in run.answers} == {good.scopes[0].account}
    expected = [finding for finding in good.findings if finding.control == "NET-3"]
    assert [(each.resource, each.outcome) for each in run.findings] == [
        (each.resource, each.outcome) for each in expected
    ]


def test_an_answer_or_a_finding_of_an_account_that_was_not_asked_is_told(good: EvidenceRun) -> None:
    document = json.loads(json.dumps(good.to_json()))
    finding = next(each for each in document["findings"] if each["answers"])
    finding["account"] = document["answers"][0]["account"] = "999988887777"
    faults = list(integrity_faults(document))
    assert any("is of the account 999988887777, which was not asked" in fault for fault in faults)
    assert any("which is not among that account's in the file" in fault for fault in faults)


def test_an_answer_that_was_changed_or_is_a_day_old_is_not_taken_over(good: EvidenceRun, tmp_path: Path) -> None:
    old = (datetime.now(UTC) - timedelta(hours=25)).isoformat(timespec="seconds")
    first, second, third = good.answers[:3]
    journal = Journal(tmp_path)
    for answer in (first, replace(second, at=old), replace(third, body={})):
        journal.keep(answer)
    journal.close()
    assert begin(tmp_path, resume=True) == (first,)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"ended_at": "2026-01-01T00:00:00+00:00"}, "before it started"),
        ({"ended_at": "2999-01-01T00:00:00+00:00"}, "it says that it ended at 2999-01-01"),
        ({"started_at": "2026-01-01T00:00:00+00:00", "ended_at": "2026-01-01T00:00:09+00:00"}, "outside of the run"),
    ],
)
def test_a_run_of_impossible_times_is_told(good: EvidenceRun, change: dict[str, str], told: str) -> None:
    """Whoever turned the clock leaves answers that do not fit it."""
    document = {**json.loads(json.dumps(good.to_json())), **change}
    assert any(told in fault for fault in integrity_faults(document))
