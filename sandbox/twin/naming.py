"""What AWS and Pulumi call one thing: `VpcConfig` and `vpcConfig`, `RoleName` and `name`, `Subnet` and `subnets`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from sandbox.twin.values import Value


@lru_cache(maxsize=4096)
def spellings(name: str, noun: str = "") -> tuple[str, ...]:
    """The ways in which the other side may write `name`, lower case, likeliest first."""
    plain = list(_numbers(name.lower()))
    owned = [noun.lower() + spelling for spelling in plain] if noun else []
    return tuple(plain + owned)


def _numbers(word: str) -> Iterator[str]:
    """Singular and plural of a word."""
    yield word
    if word.endswith("ies"):
        yield word[:-3] + "y"
    if word.endswith("es"):
        yield word[:-2]
    if word.endswith("s"):
        yield word[:-1]
    if word.endswith("y"):
        yield word[:-1] + "ies"
    yield word + "s"


def counterpart(name: str, names: Iterable[str], noun: str = "") -> str | None:
    """Which of `names` means `name`, or None."""
    by_lower = {candidate.lower(): candidate for candidate in names}
    return next((by_lower[spelling] for spelling in spellings(name, noun) if spelling in by_lower), None)


def below(names: Mapping[str, str], key: str) -> dict[str, str]:
    """The part of a table of dotted exceptions that speaks of what lies within `key`."""
    return {path.removeprefix(f"{key}."): member for path, member in names.items() if path.startswith(f"{key}.")}


def dig(value: Value, path: str) -> Value:
    """The value at a dotted path in nested dictionaries, or None."""
    for part in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value


def bury(target: dict[str, Any], path: str, value: Value) -> None:
    """Put a value at a dotted path, making the dictionaries on the way."""
    *parents, last = path.split(".")
    for parent in parents:
        target = target.setdefault(parent, {})
    target[last] = value
