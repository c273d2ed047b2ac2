"""What users with passwords may do, as Kafka's access-control lists: brought to what was declared, each time.

Brokers of ours let nobody in without a right. Clients that sign in with IAM are judged by IAM and are none of these.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from services.journal.log import JournalError, LogUnavailableError

_ASK_S: Final = 15.0
_NAME: Final = r"[a-z]([-a-z0-9]{0,30}[a-z0-9])?"
_OURS: Final = re.compile(f"^User:{_NAME}$")
"""Users whom a declaration can name. Others, such as those of certificates, are somebody else's business."""

Topic = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,249}$")]


class UserRights(BaseModel):
    """The topics that a user reads, and those that he appends to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    read: tuple[Topic, ...] = Field(default=())
    append: tuple[Topic, ...] = Field(default=())


_DECLARATION: Final = TypeAdapter(Mapping[Annotated[str, StringConstraints(pattern=f"^{_NAME}$")], UserRights])


def read_declaration(text: str) -> Mapping[str, UserRights]:
    """The rights in a JSON text such as `{"reports": {"read": ["exchange.events"], "append": []}}`.

    Raises:
        JournalError: it is not such a text; the message names the place and the value.
    """
    try:
        return _DECLARATION.validate_python(json.loads(text))
    except ValueError as error:
        if not isinstance(error, ValidationError):
            raise JournalError(f"the declared rights are not JSON: {error}") from None
        findings = [f"{'.'.join(map(str, each['loc']))} is {each['input']!r}: {each['msg']}" for each in error.errors()]
        raise JournalError(f"the declared rights cannot stand: {'; '.join(findings)}") from None


def bring_about(client: Mapping[str, Any], declared: Mapping[str, UserRights]) -> tuple[int, int]:
    """Give every user exactly what is declared; returns how many lines were added and how many were taken away.

    What stands is left alone, so that nobody is shut out in between; rights are given before others are taken away.

    Args:
        client: how to reach the brokers, as somebody who may alter the cluster.
        declared: the rights of every user who has any.

    Raises:
        LogUnavailableError: the brokers cannot be reached.
        JournalError: they refuse.
    """
    admin = AdminClient(dict(client))
    wanted = {line for user, rights in declared.items() for line in _lines(user, rights)}
    found = {line for line in _present(admin) if _OURS.match(line.principal)}
    missing, surplus = list(wanted - found), list(found - wanted)
    if missing:
        _await(admin.create_acls(missing), "given")
    if surplus:
        _await(admin.delete_acls([_filter(line) for line in surplus]), "taken away")
    return len(missing), len(surplus)


def _lines(user: str, rights: UserRights) -> Iterator[AclBinding]:
    """Whoever reads may describe too. Groups of consumers are a user's own where their names begin with his."""
    for topic in rights.read:
        yield _allow(user, ResourceType.TOPIC, topic, ResourcePatternType.LITERAL, AclOperation.READ)
    if rights.read:
        yield _allow(user, ResourceType.GROUP, f"{user}.", ResourcePatternType.PREFIXED, AclOperation.READ)
    for topic in rights.append:
        yield _allow(user, ResourceType.TOPIC, topic, ResourcePatternType.LITERAL, AclOperation.WRITE)


def _allow(user: str, *what: Any) -> AclBinding:  # noqa: ANN401 (three enumerations and a name)
    kind, name, pattern, operation = what
    return AclBinding(kind, name, pattern, f"User:{user}", "*", operation, AclPermissionType.ALLOW)


def _present(admin: AdminClient) -> list[AclBinding]:
    anything: Any = None  # the library's own word for it, which its types do not know
    everything = AclBindingFilter(
        ResourceType.ANY,
        anything,
        ResourcePatternType.ANY,
        anything,
        anything,
        AclOperation.ANY,
        AclPermissionType.ANY,
    )
    try:
        admin.list_topics(timeout=_ASK_S)
        found: list[AclBinding] = admin.describe_acls(everything).result(_ASK_S)
    except KafkaException as error:
        raise LogUnavailableError(f"the brokers do not tell their users' rights: {error}") from error
    return found


def _filter(line: AclBinding) -> AclBindingFilter:
    return AclBindingFilter(
        line.restype,
        line.name,
        line.resource_pattern_type,
        line.principal,
        line.host,
        line.operation,
        line.permission_type,
    )


def _await(results: Mapping[Any, Any], done: str) -> None:
    for line, result in results.items():
        try:
            result.result(_ASK_S)
        except KafkaException as error:
            what = f"{line.operation.name} on {line.restype.name} {line.name} of {line.principal}"
            raise JournalError(f"{what} cannot be {done}: {error}") from error
