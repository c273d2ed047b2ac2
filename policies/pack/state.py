"""A stack as it was made: the export of Pulumi's state, as the resources of a recorded plan.

After the deployment no value is unknown any more, so the same rules can judge everything. A secret is exported as
ciphertext, and is marked as what nobody can judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from policies.pack.analysis import MARKER
from policies.values import Value, is_mapping, read

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  (how Pulumi marks one, not a credential)
_VERSIONS: Final = (3, 4)
"""The forms of a state that this reads: those of Pulumi 3. The later one only says that the engine needs features."""


class StateError(ValueError):
    """What was exported is no state of this stack, or of a deployment that has not ended."""


def resources_of(export: Value, stack: str) -> Sequence[Mapping[str, Any]]:
    """The resources that an export holds, as `policies.pack.analysis` takes them.

    Raises:
        StateError: it is no export, of another stack, of a deployment that was broken off, or empty.
    """
    deployment = read(export, "deployment")
    if not is_mapping(deployment) or read(export, "version") not in _VERSIONS:
        raise StateError(f"this is no export of Pulumi's state (version {_VERSIONS}): `pulumi stack export` writes one")
    if pending := deployment.get("pending_operations") or ():
        urns = ", ".join(str(each.get("resource", {}).get("urn")) for each in pending)
        raise StateError(f"the last deployment was broken off, and nobody knows what became of {urns}")
    held = deployment.get("resources") or ()
    if gone := [each["urn"] for each in held if each.get("pendingReplacement")]:
        raise StateError(f"the last deployment was broken off: {', '.join(gone)} is deleted and not made again")
    if strange := sorted({_stack_of(each["urn"]) for each in held} - {stack}):
        raise StateError(f"the state is of the stack {', '.join(strange)}, not of {stack}")
    found = [_resource(each) for each in held if _is_ours(each)]
    if not found:
        raise StateError(f"the state of {stack} holds no resource, so there is nothing to judge")
    return found


def _stack_of(urn: str) -> str:
    return urn.removeprefix("urn:pulumi:").partition("::")[0]


def _is_ours(resource: Mapping[str, Any]) -> bool:
    """Neither the stack itself, nor what was only looked up, nor what its replacement has left to be deleted."""
    return resource["type"] != "pulumi:pulumi:Stack" and not resource.get("external") and not resource.get("delete")


def _resource(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "urn": entry["urn"],
        "type": entry["type"],
        "name": entry["urn"].rpartition("::")[2],
        "inputs": dict(_plain(entry.get("inputs") or {})),
        "protect": bool(entry.get("protect")),
        "property_dependencies": dict(_references(entry)),
    }


def _references(entry: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[str]]]:
    for name, urns in (entry.get("propertyDependencies") or {}).items():
        yield name, tuple(urns or ())


def _plain(value: Value) -> Value:
    if is_mapping(value):
        if _SIGNATURE in value:  # a secret, or another value that the engine wraps
            return {MARKER: "secret" if value[_SIGNATURE] == _SECRET else "unknown"}
        return {key: _plain(item) for key, item in value.items() if key != "__defaults"}
    return [_plain(item) for item in value] if isinstance(value, list) else value
