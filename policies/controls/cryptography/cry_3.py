"""CRY-3: keys are changed before they grow old."""

from __future__ import annotations

from collections.abc import Iterator

from policies.account import Account, Subject
from policies.checks import check
from policies.cloud import tokens
from policies.model import Clause, Control, Planned, Severity
from policies.resources import Resource, Stack
from policies.rules import rule


@rule("cry-3-key-rotates", tokens.KEY, remedy="Set enable_key_rotation=True: KMS leaves it off by default.")
def key_rotates(key: Resource, _: Stack) -> Iterator[str]:
    """A symmetric key of ours rotates by itself; KMS's default is that it does not."""
    symmetric = key.get("customerMasterKeySpec", default="SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT"
    if symmetric and key.get("enableKeyRotation", default=False) is not True:
        yield "does not rotate (enableKeyRotation is not true)"


def _own_symmetric_keys(account: Account) -> Iterator[Subject]:
    described = account.spread(
        account.all("kms", "list_keys", "Keys"),
        lambda entry, asked: asked.ask("kms", "describe_key", KeyId=entry["KeyId"])["KeyMetadata"],
    )
    for metadata in described:
        ours = metadata.get("KeyManager") == "CUSTOMER" and metadata.get("Enabled")
        if ours and metadata.get("KeySpec", "SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT":
            yield Subject(metadata["Arn"], tokens.KEY, metadata)


@check("cry-3-key-rotates", _own_symmetric_keys, proves="it rotates by itself")
def key_is_rotated(key: Subject, account: Account) -> Iterator[str]:
    """An enabled symmetric key of ours rotates by itself."""
    account.observe(tokens.KEY, "enableKeyRotation")
    if account.ask("kms", "get_key_rotation_status", KeyId=key.data["KeyId"]).get("KeyRotationEnabled") is not True:
        yield "does not rotate"


CONTROL = Control(
    id="CRY-3",
    title="Key rotation, signing keys apart",
    statement=(
        "Every symmetric key that the licensee owns rotates by itself, once a year or more often. Keys that sign the "
        "exchange's log sign nothing else, and who may sign may not administer the key."
    ),
    rationale=(
        "The less a key has encrypted, the less is lost with it, and a rotation that nobody has to remember happens."
    ),
    clauses=(
        Clause("CIS AWS", "5.0", "3.6"),
        Clause("PCI DSS", "4.0.1", "3.6"),
        Clause("PCI DSS", "4.0.1", "3.7"),
        Clause("ISO 27001", "2022", "8.24"),
    ),
    severity=Severity.MEDIUM,
    owner="Security officer",
    evidence=(
        "The rotation status and the dates of the last rotations of each key; the policy of each key that signs, with "
        "who may use it and who may change it."
    ),
    preventive=(key_rotates,),
    detective=(key_is_rotated,),
    application=(
        Planned(
            "services/auditlog",
            "It signs its checkpoints with a key of its own; that key's policy keeps its use and its administration"
            " apart.",
        ),
    ),
)
