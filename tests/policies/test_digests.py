"""CloudTrail's digests, made as AWS makes them with a key of our own: right ones pass, and every forgery is named."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from policies.account import Account, Content, Memory
from policies.catalogue import checks, control
from policies.cloud.digests import Digest, chain_faults, gap_faults, read_digest
from policies.evidence.judging import findings
from policies.evidence.reader import BotoSource
from policies.evidence.recorder import Recorder
from policies.evidence.run import Answer, Finding, answer_digest
from policies.model import Outcome
from tests.policies.account.clients import REGION
from tests.policies.account.records import LANDING, tls_only
from tests.policies.account.whole import TestAccount, target_of

ACCOUNT = "123456789012"
KEY = rsa.generate_private_key(65537, 2048)
PUBLIC = KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
FINGERPRINT = "7a2f"
KEYS = {FINGERPRINT: base64.b64encode(PUBLIC).decode()}
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


@dataclass
class Bucket:
    """Objects by key, as CloudTrail would have written them."""

    objects: dict[str, Content] = field(default_factory=dict)
    digests: list[str] = field(default_factory=list)

    def write_hour(self, hour: int, **said: object) -> None:
        """One digest with one log file, following the last; `said` replaces parts of the digest before it is signed."""
        end = NOW - timedelta(hours=3 - hour)
        stamp = f"{end:%Y%m%dT%H%M%SZ}"
        day = f"AWSLogs/{ACCOUNT}/{{}}/{REGION}/{end:%Y/%m/%d}/{ACCOUNT}"
        log = f"{day.format('CloudTrail')}_CloudTrail_{REGION}_{stamp}_x.json.gz"
        key = f"{day.format('CloudTrail-Digest')}_CloudTrail-Digest_{REGION}_exchange_{REGION}_{stamp}.json.gz"
        events = json.dumps({"Records": [{"eventName": f"Event{hour}"}]}).encode()
        self.objects[log] = Content(gzip.compress(events), {})
        before = self.objects[self.digests[-1]].metadata["signature"] if self.digests else None
        document: dict[str, Any] = {
            "awsAccountId": ACCOUNT,
            "digestStartTime": f"{end - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
            "digestEndTime": f"{end:%Y-%m-%dT%H:%M:%SZ}",
            "digestS3Bucket": LANDING,
            "digestS3Object": key,
            "digestPublicKeyFingerprint": FINGERPRINT,
            "previousDigestSignature": before,
            "logFiles": [
                {"s3Bucket": LANDING, "s3Object": log, "hashValue": hashlib.sha256(events).hexdigest()},
            ],
            **said,
        }
        self.objects[key] = self.signed(document, key)
        self.digests.append(key)

    @staticmethod
    def signed(document: Mapping[str, Any], key: str) -> Content:
        """A digest's object with its signature beside it."""
        text = json.dumps(document).encode()
        over = "\n".join(
            (
                document["digestEndTime"],
                f"{LANDING}/{key}",
                hashlib.sha256(text).hexdigest(),
                document["previousDigestSignature"] or "null",
            )
        )
        signature = KEY.sign(over.encode(), PKCS1v15(), hashes.SHA256()).hex()
        return Content(gzip.compress(text), {"signature": signature, "signature-algorithm": "SHA256withRSA"})

    def change(self, key: str, edit: Callable[[dict[str, Any]], None]) -> None:
        """Change what a digest says, and keep its signature."""
        old = self.objects[key]
        document = json.loads(gzip.decompress(old.data))
        edit(document)
        self.objects[key] = Content(gzip.compress(json.dumps(document).encode()), old.metadata)

    def faults(self) -> list[str]:
        """What verification says of the whole."""
        read = [read_digest(LANDING, key, self.objects[key]) for key in self.digests if key in self.objects]
        whole = [each for each in read if isinstance(each, Digest)]
        told = [each for each in read if isinstance(each, str)]
        return told + list(chain_faults(whole, KEYS, lambda _, key: self.objects.get(key)))


@pytest.fixture
def bucket() -> Bucket:
    made = Bucket()
    for hour in range(3):
        made.write_hour(hour)
    return made


def test_what_cloudtrail_wrote_is_right(bucket: Bucket) -> None:
    assert not bucket.faults()


def _log(bucket: Bucket) -> str:
    return next(key for key in bucket.objects if "_CloudTrail_" in key)


def _forget_log(bucket: Bucket) -> None:
    del bucket.objects[_log(bucket)]


def _rewrite_log(bucket: Bucket) -> None:
    bucket.objects[_log(bucket)] = Content(gzip.compress(b'{"Records": []}'), {})


def _rewrite_log_and_digest(bucket: Bucket) -> None:
    _rewrite_log(bucket)
    digest = hashlib.sha256(b'{"Records": []}').hexdigest()
    bucket.change(bucket.digests[0], lambda said: said["logFiles"][0].update(hashValue=digest))


def _forget_digest(bucket: Bucket) -> None:
    del bucket.objects[bucket.digests[1]]


def _leave_an_hour_out(bucket: Bucket) -> None:
    bucket.digests = bucket.digests[:2]
    bucket.write_hour(3)


def _no_signature(bucket: Bucket) -> None:
    key = bucket.digests[0]
    bucket.objects[key] = Content(bucket.objects[key].data, {})


def _another_key(bucket: Bucket) -> None:
    bucket.write_hour(3, digestPublicKeyFingerprint="ffff")


def _another_place(bucket: Bucket) -> None:
    bucket.write_hour(3, digestS3Object="elsewhere")


def _no_object(bucket: Bucket) -> None:
    key = bucket.digests[0]
    bucket.objects[key] = Content(gzip.compress(b"[]"), bucket.objects[key].metadata)


def _no_end(bucket: Bucket) -> None:
    bucket.change(bucket.digests[0], lambda said: said.pop("digestEndTime"))


def _no_files(bucket: Bucket) -> None:
    bucket.change(bucket.digests[0], lambda said: said.update(logFiles=["a file"]))


def _torn(bucket: Bucket) -> None:
    key = bucket.digests[0]
    bucket.objects[key] = Content(bucket.objects[key].data[:40], bucket.objects[key].metadata)


@pytest.mark.parametrize(
    ("forge", "told"),
    [
        (_forget_log, "is gone"),
        (_rewrite_log, "was changed: its SHA-256 is not the digest's"),
        (_rewrite_log_and_digest, "its signature does not fit"),
        (_forget_digest, "a digest between them is missing or changed"),
        (_leave_an_hour_out, "nothing was recorded between"),
        (_no_signature, "has no signature"),
        (_another_key, "signed by the key ffff, which is none of CloudTrail's"),
        (_another_place, "says that it is"),
        (_torn, "cannot be read"),
        (_no_object, "it holds no object"),
        (_no_end, "cannot be read"),
        (_no_files, "logFiles is no list of files"),
    ],
)
def test_every_forgery_is_named(bucket: Bucket, forge: Callable[[Bucket], None], told: str) -> None:
    forge(bucket)
    assert any(told in fault for fault in bucket.faults()), bucket.faults()


DAY = timedelta(hours=24)


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        (range(-20, 3), []),
        (range(-20, 2), []),
        (range(-20, 1), ["the digests end at"]),
        (range(-20, -17), ["the digests end at"]),
        (range(-18, 3), ["the digests begin at"]),
        (range(0), ["holds no digest"]),
    ],
    ids=["whole", "the last hour on its way", "the last two gone", "twenty gone", "the first gone", "none"],
)
def test_a_chain_that_lacks_its_ends_is_told(hours: range, told: list[str]) -> None:
    """Between what is left, every link is right: only the times tell that the newest or the oldest were deleted."""
    bucket = Bucket()
    for hour in hours:
        bucket.write_hour(hour)
    assert not bucket.faults()
    read = [read_digest(LANDING, key, bucket.objects[key]) for key in bucket.digests]
    faults = list(gap_faults([each for each in read if isinstance(each, Digest)], NOW - DAY, NOW))
    assert [fault[: len(told[0])] for fault in faults] == told if told else not faults


class Published(BotoSource):
    """The account, with the public keys that moto does not have, and a trail that was never off."""

    status: ClassVar[Mapping[str, Any]] = {"StopLoggingTime": None}

    def answer(self, service: str, operation: str, parameters: Mapping[str, Any], region: str | None) -> Answer:
        if operation == "get_trail_status":
            status = super().answer(service, operation, parameters, region).body
            return self._told(operation, parameters, {**status, **self.status})
        if operation != "list_public_keys":
            return super().answer(service, operation, parameters, region)
        body = {"PublicKeyList": [{"Fingerprint": FINGERPRINT, "Value": PUBLIC.hex()}]}
        return self._told(operation, parameters, body)

    @staticmethod
    def _told(operation: str, parameters: Mapping[str, Any], body: Mapping[str, Any]) -> Answer:
        return Answer("cloudtrail", operation, REGION, parameters, "", body, answer_digest(body))


@pytest.fixture
def delivered(account: TestAccount, bucket: Bucket) -> Iterator[TestAccount]:
    """The digests in the landing bucket. To moto a denial of plain HTTP denies everything, so that goes first."""
    s3 = account.client("s3")
    s3.delete_bucket_policy(Bucket=LANDING)
    for key, content in bucket.objects.items():
        s3.put_object(Bucket=LANDING, Key=key, Body=content.data, Metadata=dict(content.metadata))
    yield account
    for key in bucket.objects:
        s3.delete_object(Bucket=LANDING, Key=key)
    s3.put_bucket_policy(Bucket=LANDING, Policy=json.dumps(tls_only(LANDING)))


def _judged(account: TestAccount) -> Finding:
    reader = Recorder(Published(target_of(account)))
    found = findings(control("LOG-1"), Account(ACCOUNT, REGION, reader, memory=Memory()))
    (judged,) = (each for each in found if "log-1-digests-verified" in each.checks)
    return judged


def test_a_run_verifies_the_last_day_in_the_trails_own_bucket(delivered: TestAccount, bucket: Bucket) -> None:
    """It rests on every object that was read, by SHA-256; one changed log file is a FAIL that names it."""
    assert "log-1-digests-verified" in {check.name for check in checks(control("LOG-1"))}
    right = _judged(delivered)
    assert right.outcome is Outcome.PASS, right.reason
    assert len(right.answers) >= len(bucket.objects)
    delivered.client("s3").put_object(Bucket=LANDING, Key=_log(bucket), Body=gzip.compress(b"{}"))
    wrong = _judged(delivered)
    assert wrong.outcome is Outcome.FAIL
    assert "was changed: its SHA-256 is not the digest's" in wrong.reason
    delivered.client("s3").delete_object(Bucket=LANDING, Key=_log(bucket))
    assert "is gone" in _judged(delivered).reason


@pytest.mark.parametrize(
    ("status_of", "told"),
    [
        ({"StartLoggingTime": NOW - timedelta(hours=3)}, "holds no digest of the time from"),
        ({"StartLoggingTime": None}, "holds no digest of the time from"),
        ({"StopLoggingTime": NOW - timedelta(hours=20)}, "the trail was switched off at"),
    ],
    ids=["for hours", "nobody knows since when", "off in between"],
)
def test_a_trail_that_has_recorded_without_a_digest_fails(
    account: TestAccount, status_of: Mapping[str, datetime | None], told: str
) -> None:
    """A new trail has none yet; moto's trail is seconds old, so it is made older."""

    class Old(Published):
        status: ClassVar[Mapping[str, Any]] = {
            "StopLoggingTime": None,
            **{name: moment and moment.isoformat() for name, moment in status_of.items()},
        }

    assert _judged(account).outcome is Outcome.PASS
    found = findings(control("LOG-1"), Account(ACCOUNT, REGION, Recorder(Old(target_of(account)))))
    (reason,) = (each.reason for each in found if each.outcome is Outcome.FAIL)
    assert reason.startswith(told)
