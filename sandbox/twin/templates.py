"""Templates of the mapping: strings in which `{expression}` is JMESPath over what is known of a resource."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import jmespath  # type: ignore[import-untyped]

from sandbox.twin.values import Value

_EXPRESSION = re.compile(r"\{([^{}]+)\}")
_compiled = lru_cache(maxsize=2048)(jmespath.compile)


def search(expression: str, values: Value) -> Value:
    """What a JMESPath expression finds in `values`."""
    return _compiled(expression).search(values)


def resolve(template: Value, values: Mapping[str, Any]) -> Value:
    """A template with its expressions replaced; members that come to nothing are left out of mappings."""
    if isinstance(template, Mapping):
        resolved = {key: resolve(value, values) for key, value in template.items()}
        return {key: value for key, value in resolved.items() if value is not None}
    if isinstance(template, list | tuple):
        return [resolve(element, values) for element in template]
    if not isinstance(template, str):
        return template
    if template.startswith("="):
        return _without_nulls(search(template[1:], values))
    if whole := _EXPRESSION.fullmatch(template):
        return search(whole[1], values)
    return _EXPRESSION.sub(lambda found: str(search(found[1], values)), template)


def _without_nulls(value: Value) -> Value:
    if isinstance(value, Mapping):
        return {key: _without_nulls(element) for key, element in value.items() if element is not None}
    return [_without_nulls(element) for element in value] if isinstance(value, list) else value


def mentioned(template: Value) -> Iterator[str]:
    """The names of which the expressions of a template may speak; some of them are members of others."""
    if isinstance(template, Mapping):
        for value in template.values():
            yield from mentioned(value)
    elif isinstance(template, list | tuple):
        for value in template:
            yield from mentioned(value)
    elif isinstance(template, str):
        for expression in [template] if template.startswith("=") else _EXPRESSION.findall(template):
            yield from re.findall(r"[A-Za-z_]\w*", expression)


def parsed(template: str, text: str) -> dict[str, str]:
    """The values with which `template`, of plain names alone, would give `text`: an id taken apart."""
    names = _EXPRESSION.findall(template)
    if not all(name.isidentifier() and names.count(name) == 1 for name in names):
        return {}
    pattern = "".join(
        re.escape(part) if index % 2 == 0 else f"(?P<{part}>.+{'' if index == len(names) * 2 - 1 else '?'})"
        for index, part in enumerate(_EXPRESSION.split(template))
    )
    found = re.fullmatch(pattern, text)
    return found.groupdict() if found else {}
