"""Policy documents of AWS, read as AWS reads them: a single value stands for a list of one, actions know no case."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from policies.values import Value, is_mapping, is_sequence

Document = Mapping[str, Any]


def parsed(text: Value) -> Document | None:
    """A document that is kept as JSON text or given as an object; None where it is neither."""
    if is_mapping(text):
        return dict(text)
    try:
        document = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def listed(value: Value) -> list[Any]:
    """A value that may be one or a list, as a list; nothing is an empty one."""
    if value is None:
        return []
    return list(value) if is_sequence(value) else [value]


def statements(document: Document | None) -> Iterator[Document]:
    """The statements of a document; none where there is no document."""
    yield from (found for found in listed((document or {}).get("Statement")) if is_mapping(found))


def allows_everything(document: Document | None) -> bool:
    """Does a statement allow every action on every resource, or all but a few of them, whatever its condition?"""
    return any(
        statement.get("Effect") == "Allow"
        and _is_every(statement, "Action", _EVERY_ACTION)
        and _is_every(statement, "Resource", _EVERY_RESOURCE)
        for statement in statements(document)
    )


_EVERY_ACTION: Final = re.compile(r"[*?]*\*[*?]*(:\*+)?")
_EVERY_RESOURCE: Final = re.compile(r"(arn(:aws[a-z-]*)?:)?[*:/?]*\*[*:/?]*")


def _is_every(statement: Document, part: str, every: re.Pattern[str]) -> bool:
    """`NotAction` and `NotResource` of an allowance name the exceptions: the rest is allowed, new things included."""
    if f"Not{part}" in statement:
        return True
    return any(every.fullmatch(str(named)) for named in listed(statement.get(part)))


def names_action(statement: Document, action: str) -> bool:
    """Does a statement speak of an action, by its name, by a pattern, or by naming the exceptions only?"""
    if "NotAction" in statement:
        return not _matches(statement["NotAction"], action)
    return _matches(statement.get("Action"), action)


def _matches(patterns: Value, action: str) -> bool:
    return any(fnmatchcase(action.lower(), str(pattern).lower()) for pattern in listed(patterns))


def denies_plain_http(document: Document | None, bucket: str) -> bool:
    """Does a statement deny everything, to everybody, on the bucket and all its objects, where there is no TLS?"""
    return any(_denies_plain_http(statement, bucket) for statement in statements(document))


def _denies_plain_http(statement: Document, bucket: str) -> bool:
    resources = set(listed(statement.get("Resource")))
    whole = {f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"}
    return (
        statement.get("Effect") == "Deny"
        and _is_everybody(statement.get("Principal"))
        and bool({"s3:*", "*"} & {str(action).lower() for action in listed(statement.get("Action"))})
        and ("*" in resources or whole <= resources)
        and _is_without_tls(statement.get("Condition"))
    )


def _is_everybody(principal: Value) -> bool:
    return principal == "*" or (is_mapping(principal) and "*" in listed(principal.get("AWS")))


def _is_without_tls(condition: Value) -> bool:
    """Exactly that condition: a second one would narrow the denial."""
    if not is_mapping(condition) or list(condition) != ["Bool"] or list(condition["Bool"]) != ["aws:SecureTransport"]:
        return False
    return [str(value).lower() for value in listed(condition["Bool"]["aws:SecureTransport"])] == ["false"]
