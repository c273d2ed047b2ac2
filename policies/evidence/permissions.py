"""The least that whoever collects evidence must be allowed: generated from the questions that the checks put.

`python -m policies.evidence.permissions --write` reads every question in this package (a service and an operation,
always written out) and writes the policy for AWS's IAM. A test holds the runs to that list.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import botocore.session
from botocore import xform_name

PAGE: Final = Path(__file__).parents[2] / "docs" / "compliance" / "evidence-policy.json"
_ROOT: Final = Path(__file__).parents[1]
_ASKING: Final = frozenset({"all", "ask", "find", "content"})
_IDENTITY: Final = "sts:GetCallerIdentity"

_PREFIXES: Final[Mapping[str, str]] = {"monitoring": "cloudwatch"}
"""Services that sign by another name than they have in policies."""

_NAMED_OTHERWISE: Final[Mapping[str, tuple[str, ...]]] = {
    "s3:ListBuckets": ("s3:ListAllMyBuckets",),
    "s3:ListObjectsV2": ("s3:ListBucket",),
    "s3:HeadObject": ("s3:GetObject", "s3:GetObjectRetention"),
    "s3:GetObject": ("s3:GetObject",),
    "s3:GetBucketEncryption": ("s3:GetEncryptionConfiguration",),
    "s3:GetBucketReplication": ("s3:GetReplicationConfiguration",),
    "s3:GetObjectLockConfiguration": ("s3:GetBucketObjectLockConfiguration",),
    "s3:GetPublicAccessBlock": ("s3:GetBucketPublicAccessBlock",),
    "s3:GetBucketLifecycleConfiguration": ("s3:GetLifecycleConfiguration",),
    _IDENTITY: (),
}
"""Operations that IAM knows by another name, or lets anybody do."""


@cache
def questions() -> frozenset[tuple[str, str]]:
    """Every (service, operation) that a check may put to an account, as Python names it."""
    return frozenset(
        question for file in sorted(_ROOT.rglob("*.py")) for question in _asked(ast.parse(file.read_text("utf-8")))
    )


def actions() -> list[str]:
    """The actions of IAM that those questions need, sorted."""
    return sorted({action for service, operation in questions() for action in _actions(service, operation)})


def policy() -> dict[str, Any]:
    """The policy for whoever collects evidence: nothing in it writes. The second statement can be narrowed to the
    bucket of the trail and to the archive, whose objects are looked at."""
    objects = [action for action in actions() if action.startswith("s3:GetObject")]
    others = [action for action in actions() if action not in objects]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "CollectEvidence", "Effect": "Allow", "Action": others, "Resource": "*"},
            {"Sid": "LookAtRecords", "Effect": "Allow", "Action": objects, "Resource": "arn:aws:s3:::*/*"},
        ],
    }


def _asked(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _ASKING:
            words = [each.value for each in node.args[:2] if isinstance(each, ast.Constant)]
            if len(words) == 2 and all(isinstance(word, str) for word in words) and words[0] != "kubernetes":
                yield str(words[0]), str(words[1])


def _actions(service: str, operation: str) -> tuple[str, ...]:
    model = botocore.session.get_session().get_service_model(service)
    name = next((name for name in model.operation_names if xform_name(name) == operation), None)
    if name is None:
        raise ValueError(f"{service} has no operation {operation}")
    prefix = _PREFIXES.get(model.signing_name, model.signing_name)
    return _NAMED_OTHERWISE.get(f"{service}:{name}", (f"{prefix}:{name}",))


def _text() -> str:
    return json.dumps(policy(), indent=2) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Write the policy, or say whether it is the present one."""
    parser = argparse.ArgumentParser(
        prog="python -m policies.evidence.permissions", description="What whoever collects evidence must be allowed."
    )
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    if parser.parse_args(arguments).write:
        PAGE.write_text(_text(), encoding="utf-8")
        return 0
    if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != _text():
        sys.stderr.write(f"{PAGE.name} is stale: run python -m policies.evidence.permissions --write\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
