"""Types that the cluster's add-ons bring: their schemas, read off the definitions that the control plane installs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from sandbox.runtime import controlplane

_DEFINITIONS = Path(controlplane.__file__).parent / "addons"


@cache
def schemas() -> Mapping[tuple[str, str], dict[str, Any]]:
    """The JSON schema of every custom type by (apiVersion, kind). A field that it does not name is refused."""
    return {
        (version, kind): schema for file in sorted(_DEFINITIONS.glob("*.yaml")) for version, kind, schema in _of(file)
    }


def _of(file: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for definition in yaml.safe_load_all(file.read_text()):
        if definition.get("kind") != "CustomResourceDefinition":
            continue
        spec = definition["spec"]
        for version in spec["versions"]:
            schema = {**version["schema"]["openAPIV3Schema"], "required": ["apiVersion", "kind", "metadata"]}
            yield f"{spec['group']}/{version['name']}", spec["names"]["kind"], _strict(schema)


def _strict(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The API's strict validation: an object has the fields that its schema names, and no other."""
    made = dict(schema)
    if "properties" in schema:
        made["properties"] = {name: _strict(each) for name, each in schema["properties"].items()}
        made.setdefault("additionalProperties", False)
    if isinstance(schema.get("items"), Mapping):
        made["items"] = _strict(schema["items"])
    return made
