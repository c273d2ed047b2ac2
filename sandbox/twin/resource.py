"""How a mapping says what a Pulumi resource type is in AWS: plain data, one `Resource` a type.

Strings in `arguments`, `id` and `computed` are templates: what stands in braces is a JMESPath expression over the
inputs, `id`, `region`, `account`, `partition` and, once there is one, `result` (the creation's answer) or the live
properties. A template that is one expression alone gives its raw value; one that begins with `=` is an expression.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.twin.values import Value

if TYPE_CHECKING:
    from sandbox.twin.work import Work

ALL = ("*",)
"""Every input for which the operation has a member."""


@dataclass(frozen=True)
class Call:
    """One AWS operation and what of the resource it carries."""

    operation: str
    """The operation's name in botocore's model, such as `PutBucketVersioning`."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """Members that identify the resource or are fixed; templates."""
    carries: tuple[str, ...] = ()
    """The inputs that the operation carries."""
    into: str = ""
    """The member within which the carried inputs lie, where it is not the request itself."""
    only_changed: bool = False
    """On update, carry the changed inputs alone."""
    when: str = ""
    """JMESPath over the inputs (the former ones under `old`): the operation is left out where it does not hold."""
    service: str = ""
    """Another client than the resource's own."""


@dataclass(frozen=True)
class Adjust:
    """What takes more than one request: a function in the place of a call."""

    run: Callable[[Work], None]
    carries: tuple[str, ...]


@dataclass(frozen=True)
class Read:
    """One AWS operation that tells how a resource stands."""

    operation: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    at: str = "@"
    """JMESPath to the resource in the answer, `{name}` replaced by an input; nothing there means that it is gone."""
    takes: tuple[str, ...] = ALL
    """The properties read off by name."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Properties to JMESPath expressions over what is at `at`, where the name alone does not find them."""
    leaves: tuple[str, ...] = ()
    """Properties that this resource does not read off, because others look after them."""
    gone: tuple[str, ...] = ()
    """Error codes that mean absence, beside those that say so by their name."""
    service: str = ""


@dataclass(frozen=True)
class Tagging:
    """How a service tags: the one place where tags are known about."""

    add: Call
    remove: Call
    list: Read | None = None
    """None where the resource's own answer has the tags."""
    on_create: str = "Tags"
    """The member of the creating request that takes tags; empty where there is none."""
    style: str = "Key"
    """`Key`, `key` or `TagKey` for a list of pairs, `map` for a map, `TagSpecifications` for EC2's nest."""
    one_by_one: bool = False
    """Whether moto takes one key at a time off."""
    keys: str = "TagKeys"
    """The member of the removing request that takes the keys; empty where tags change as a whole."""
    values: str = "Tags"
    """The member of the adding request that takes the tags."""


@dataclass(frozen=True)
class Resource:
    """One Pulumi type in AWS terms."""

    type: str
    service: str
    id: str
    read: tuple[Read, ...]
    create: Call | None = None
    create_otherwise: Call | None = None
    """The creating operation where its `when` holds, instead of `create`: a replica, a restored copy."""
    settings: tuple[Call | Adjust, ...] = ()
    """Sent after creation where their inputs are given, and whenever one of their inputs changes."""
    updates: tuple[Call | Adjust, ...] = ()
    """Sent when one of their inputs changes. An input that no setting and no update carries forces a replacement."""
    delete: tuple[Call, ...] = ()
    before_delete: Callable[[Work], None] | None = None
    after_create: Callable[[Work], None] | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    """Inputs (dotted paths) to members (dotted paths), where they do not match by name."""
    noun: str = ""
    """What AWS puts before `Name`, `Arn` and `Id`; the class's name unless given."""
    tagging: Tagging | None = None
    tag_type: str = ""
    """EC2's name of the type in TagSpecifications."""
    autoname: str = ""
    """The input that names the resource, made up from the Pulumi name where it is absent."""
    longest_name: int = 255
    lowercase_name: bool = False
    identity: tuple[str, ...] = ()
    """Inputs of which AWS allows one resource only: unchanged in a replacement, the old must go first."""
    replace_on: tuple[str, ...] = ()
    fixed: Callable[[Mapping[str, Any], Mapping[str, Any]], Collection[str]] | None = None
    """Of the inputs before and after, those that an update carries, but not this change: a fixed part, a way back."""
    gone: tuple[str, ...] = ()
    """Error codes with which AWS or moto says that it is not there, beside those that say so by their name."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """What AWS assumes where an input is absent, to be set again when it is taken away."""
    computed: Mapping[str, str | Callable[[Mapping[str, Value]], Value]] = field(default_factory=dict)
    """Outputs that no answer gives; templates, or functions of what is known."""
    only_here: tuple[str, ...] = ()
    """Inputs that only steer the provider (`forceDestroy`)."""
    write_only: tuple[str, ...] = ()
    """Inputs that AWS never gives back (passwords)."""
    dropped: tuple[str, ...] = ()
    """Inputs (dotted paths) that AWS keeps and moto drops: kept as declared state, not observable."""
    outputs_too: tuple[str, ...] = ()
    """Inputs whose change is no drift where the program did not give them, for AWS moves them by itself."""
    lacking: bool = False
    """Whether moto has no such resource: its requests are checked against AWS's model, and it is declared state."""
    counts: str = ""
    """Of a type that moto lacks, the output that counts its versions."""
    waiter: str = ""
    """The botocore waiter that tells when it is ready, given `waiter_arguments`."""
    waiter_arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        """The input that gives the beginning of a made-up name."""
        return f"{self.autoname}Prefix"
