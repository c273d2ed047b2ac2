"""A resource that remembers what is read of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from policies.resources import Resource
from policies.values import Value, is_mapping, is_sequence


@dataclass(frozen=True, slots=True)
class Read:
    """One value that was read: the resource, and the steps to it."""

    urn: str
    path: tuple[str, ...]

    def leads_to(self, other: Read) -> bool:
        """Was it read only on the way to the other?"""
        return self.urn == other.urn and self.path == other.path[: len(self.path)] and self != other


def recording(resource: Resource, found: dict[Read, None]) -> Resource:
    """The same resource; what is read of it is written into `found`, in the order of the reading."""
    return replace(resource, properties=_RecordingMapping(resource.properties, Read(resource.urn, ()), found))


def _within(value: Value, place: Read, found: dict[Read, None]) -> Value:
    if is_mapping(value):
        return _RecordingMapping(value, place, found)
    return _RecordingSequence(value, place, found) if is_sequence(value) else value


class _RecordingMapping(Mapping[str, Any]):
    def __init__(self, values: Mapping[str, Any], place: Read, found: dict[Read, None]) -> None:
        self._values, self._place, self._found = values, place, found

    def __getitem__(self, key: str) -> Value:
        place = replace(self._place, path=(*self._place.path, key))
        self._found[place] = None
        return _within(self._values[key], place, self._found)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class _RecordingSequence(Sequence[Any]):
    def __init__(self, values: Sequence[Any], place: Read, found: dict[Read, None]) -> None:
        self._values, self._place, self._found = values, place, found

    def __getitem__(self, index: Any) -> Any:  # noqa: ANN401 (an index or a slice)
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self._values)))]
        value = self._values[index]
        place = replace(self._place, path=(*self._place.path, str(index)))
        self._found[place] = None
        return _within(value, place, self._found)

    def __len__(self) -> int:
        return len(self._values)
