"""Tags, in one place: how they go along with a creation, change afterwards, and are read back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.twin.naming import bury
from sandbox.twin.resource import Tagging
from sandbox.twin.shapes import tags_of
from sandbox.twin.values import Value
from sandbox.twin.work import Work


def wanted(inputs: Mapping[str, Any]) -> dict[str, str]:
    """The tags that a resource shall bear: its own and the provider's default ones."""
    return dict(inputs.get("tagsAll") or inputs.get("tags") or {})


def add_to_creation(work: Work, parameters: dict[str, Any]) -> None:
    """Put the tags into a creating request that takes them."""
    tagging, tags = work.resource.tagging, wanted(work.inputs)
    if tagging is None or not tags or not tagging.on_create:
        return
    if tagging.style == "TagSpecifications":
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        parameters.setdefault("TagSpecifications", []).append({"ResourceType": work.resource.tag_type, "Tags": pairs})
    else:
        bury(parameters, tagging.on_create, _encoded(tagging, tags))


def put_after_creation(work: Work) -> None:
    """Tag a resource whose creating request takes no tags."""
    tagging, tags = work.resource.tagging, wanted(work.inputs)
    if tagging is not None and tags and not tagging.on_create:
        _add(work, tagging, tags)


def change(work: Work, old: Mapping[str, str], new: Mapping[str, str]) -> None:
    """Bring the tags from `old` to `new`."""
    tagging = work.resource.tagging
    if tagging is None or work.resource.lacking:
        return
    if not tagging.keys:
        # S3 knows neither adding nor removing: the whole set is put, or deleted.
        if new:
            _add(work, tagging, new)
        else:
            work.do(tagging.remove, {})
        return
    if gone := sorted(set(old) - set(new)):
        for keys in [[key] for key in gone] if tagging.one_by_one else [gone]:
            _remove(work, tagging, keys)
    if added := {key: value for key, value in new.items() if old.get(key) != value}:
        _add(work, tagging, added)


def read(work: Work, answer: Mapping[str, Any]) -> dict[str, str]:
    """The tags that the live resource bears; `answer` is what its own description says."""
    tagging = work.resource.tagging
    if tagging is None:
        return {}
    found: Value = work.look(tagging.list) if tagging.list else next((answer[k] for k in _OWN if k in answer), None)
    if isinstance(found, list):
        return tags_of(found)
    return {key: value for key, value in (found or {}).items() if not key.startswith("aws:")}


_OWN = ("Tags", "tags", "TagSet", "TagList")


def _add(work: Work, tagging: Tagging, tags: Mapping[str, str]) -> None:
    parameters = work.parameters(tagging.add, {})
    bury(parameters, tagging.values, _encoded(tagging, tags))
    work.send(tagging.add, parameters)


def _remove(work: Work, tagging: Tagging, keys: list[str]) -> None:
    parameters = work.parameters(tagging.remove, {})
    pairs = tagging.keys in ("Tags", "TagsList")
    bury(parameters, tagging.keys, [{"Key": key} for key in keys] if pairs else keys)
    work.send(tagging.remove, parameters)


def _encoded(tagging: Tagging, tags: Mapping[str, str]) -> Value:
    if tagging.style == "map":
        return dict(tags)
    words = {"TagKey": ("TagKey", "TagValue"), "key": ("key", "value")}
    key, value = words.get(tagging.style, ("Key", "Value"))
    return [{key: name, value: text} for name, text in tags.items()]
