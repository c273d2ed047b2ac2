"""From a stack's configuration, which is text, to values; and from what pydantic finds to our words."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from typing import Any, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from infra.settings.base import NAMESPACE
from infra.settings.errors import SettingsError


def values(config: Mapping[str, str], fields: Mapping[str, FieldInfo]) -> dict[str, Any]:
    """The settings of our namespace in `config`, lists and mappings parsed.

    Raises `SettingsError` for a key that is no setting, with the nearest that is.
    """
    own = {key.partition(":")[2]: text for key, text in config.items() if key.startswith(f"{NAMESPACE}:")}
    unknown = [_unknown_key(key, list(fields)) for key in own if key not in fields]
    if unknown:
        raise SettingsError("\n".join(unknown))
    return {key: _parsed(key, text) if _is_structured(fields[key]) else text for key, text in own.items()}


def finding(error: ErrorDetails) -> str:
    """One finding of pydantic in our words; those of the sections name the keys themselves."""
    if not error["loc"]:
        return str(error["msg"]).removeprefix("Value error, ")
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "missing":
        return f"{NAMESPACE}:{where} is not set, and has no default"
    return f"{NAMESPACE}:{where} is {error['input']!r}: {str(error['msg']).removeprefix('Value error, ')}"


def _is_structured(field: FieldInfo) -> bool:
    """Lists and mappings arrive as JSON, everything else as text for pydantic to read."""
    return get_origin(field.annotation) in (tuple, Mapping)


def _parsed(key: str, text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise SettingsError(
            f"{NAMESPACE}:{key} is {text!r}, which is not the YAML list or mapping it must be"
        ) from None


def _unknown_key(key: str, valid: list[str]) -> str:
    close = difflib.get_close_matches(key, valid, n=1)
    way_out = f"did you mean {close[0]!r}?" if close else f"the settings are {', '.join(sorted(valid))}"
    return f"{NAMESPACE}:{key} is not a setting; {way_out}"
