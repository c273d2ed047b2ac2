"""What the live resource says of itself, in Pulumi's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.twin import tags
from sandbox.twin.naming import bury
from sandbox.twin.resource import ALL, Read
from sandbox.twin.sameness import rebuilt
from sandbox.twin.schema import Kind
from sandbox.twin.shapes import from_aws, properties
from sandbox.twin.templates import resolve, search
from sandbox.twin.values import Value
from sandbox.twin.work import EVERYWHERE, TAGS, Work


def live(work: Work) -> dict[str, Any] | None:
    """Every property that can be read off the resource now, or None where it is gone."""
    resource = work.resource
    kinds = {**work.schema.inputs, **work.schema.state}
    apart = (*TAGS, *EVERYWHERE)  # tags have their own way, below
    kinds = {name: kind for name, kind in kinds.items() if name not in apart}
    found: dict[str, Any] = {}
    if not resource.lacking:
        for index, read in enumerate(resource.read):
            answer = work.look(read)
            if answer is None and index == 0:
                return None
            found |= _taken(work, read, kinds, answer)
            _add_nested(found, read, answer)
            # What the first answer tells, the arguments of the others may name.
            work.values = {"answer": answer, **found, **work.values}
            if index == 0 and resource.tagging is not None:
                found["tags"] = found["tagsAll"] = tags.read(work, answer)
    if resource.lacking or resource.dropped:
        declared = work.clients.declared(work.region, resource.type, work.id)
        if declared is None and resource.lacking:
            return None
        found = grafted(found, declared or {}, resource.dropped) if resource.dropped else dict(declared or {})
    known = {**work.values, **found, "id": work.id}
    computed = {name: how(known) if callable(how) else resolve(how, known) for name, how in resource.computed.items()}
    return {name: value for name, value in {**found, **computed}.items() if value is not None}


def _taken(work: Work, read: Read, kinds: Mapping[str, Kind], answer: Value) -> dict[str, Any]:
    if answer is None:
        return {}
    chosen = {name: kinds[name] for name in (kinds if read.takes == ALL else read.takes) if name not in read.leaves}
    named = {name: search(expression, answer) for name, expression in read.names.items() if "." not in name}
    by_name = {name: kind for name, kind in chosen.items() if name not in named}
    found = properties(by_name, answer, work.resource.names, work.noun) if isinstance(answer, Mapping) else {}
    return found | {name: from_aws(kinds[name], value, {}) for name, value in named.items() if value is not None}


def _add_nested(found: dict[str, Any], read: Read, answer: Value) -> None:
    """A read may fill in a field of an object that another has read: a dotted name."""
    for path, expression in read.names.items():
        if "." in path and answer is not None and isinstance(found.get(path.partition(".")[0]), dict):
            bury(found, path, search(expression, answer))


def outputs_of(work: Work, inputs: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs and everything else that is known, with the program's own wording where it means the same."""
    kept = {name: inputs[name] for name in _not_readable(work, inputs)}
    result = {name: rebuilt(inputs.get(name), value, None) for name, value in now.items()}
    result = {name: now[name] if value is None else value for name, value in result.items()}
    if work.resource.tagging is not None:
        result |= {"tags": {}} | _split(inputs, now)
    return {**kept, **result, "id": work.id}


def inputs_of(
    work: Work, inputs: Mapping[str, Any], before: Mapping[str, Any], now: Mapping[str, Any]
) -> dict[str, Any]:
    """The inputs that would make the resource what it is now, in the program's own wording where nothing changed.

    An input that the program did not give appears where it changed since the state `before`, or, of an imported
    resource, where AWS's default was left.
    """
    result = {name: inputs[name] for name in _not_readable(work, inputs)}
    kept = set(result)
    for name in [*inputs, *(name for name in work.schema.inputs if name not in inputs)]:
        if name in kept or name in EVERYWHERE or (name in TAGS and work.resource.tagging is not None):
            continue
        if name not in inputs and name in work.resource.outputs_too:
            continue
        default = work.resource.defaults.get(name)
        value = rebuilt(inputs.get(name), now.get(name), before.get(name, default))
        if value is not None:
            result[name] = value
    if work.resource.tagging is not None:
        result |= _split(inputs, now)
    return result


def _split(inputs: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Live tags are the resource's own and the provider's; only the former were its `tags`."""
    on_it = dict(now.get("tagsAll", {}))
    default = {k: v for k, v in (inputs.get("tagsAll") or {}).items() if k not in (inputs.get("tags") or {})}
    own = {key: value for key, value in on_it.items() if default.get(key) != value}
    return {name: value for name, value in (("tags", own), ("tagsAll", on_it)) if value or name in inputs}


def grafted(live: Value, declared: Value, paths: Iterable[str]) -> Value:
    """`live` with what moto dropped put back from the declared state, where the live resource says nothing of it.

    A path that leads through a list goes to every element.
    """
    for path in paths:
        live = _graft(live, declared, path)
    return live


def _graft(live: Value, declared: Value, path: str) -> Value:
    if isinstance(live, list) and isinstance(declared, list):
        # Elements that somebody added or took away behind the program's back have no declared half.
        same_length = len(live) == len(declared)
        return [_graft(one, other, path) for one, other in zip(live, declared, strict=True)] if same_length else live
    if not (isinstance(live, Mapping) and isinstance(declared, Mapping)):
        return live
    head, _, rest = path.partition(".")
    if head not in declared or (not rest and live.get(head) is not None):
        return live
    return {**live, head: _graft(live.get(head), declared[head], rest) if rest else declared[head]}


def _not_readable(work: Work, inputs: Mapping[str, Any]) -> set[str]:
    """The given inputs that nothing can be read of."""
    apart = {*work.resource.only_here, *work.resource.write_only, work.resource.prefix, *EVERYWHERE}
    return {name for name in inputs if name in apart}
