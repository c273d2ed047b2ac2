"""Kubernetes objects on a real control plane: server-side apply, admission that judges, deletion that is waited for."""

from __future__ import annotations

import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast, get_args

from sandbox.twin import manifests
from sandbox.twin.definitions import is_custom
from sandbox.twin.errors import TwinError, UnknownTypeError
from sandbox.twin.kubernetes_api import MANAGER, ApiError, KubernetesApi, Propagation, Reference
from sandbox.twin.kubernetes_objects import as_given, declared_part, managers, without_others
from sandbox.twin.naming import dig

_FORCE, _PROPAGATION = "pulumi.com/patchForce", "pulumi.com/deletionPropagationPolicy"
"""Pulumi's own annotations: take over what somebody else set; and what becomes of what the object owns."""

_ESTABLISHED_WITHIN_S = 20.0


class ServedObjects:
    """The objects of the cluster behind one API."""

    observable = True

    def __init__(self, api: KubernetesApi) -> None:
        self._api = api

    def rehearse(self, manifest: Mapping[str, Any]) -> None:
        """Ask the API what it would say, without doing it.

        What the object needs and this deployment has yet to make (its namespace, its kind's definition) is no reason
        to refuse; nor is an object of the name that is there and will be replaced.

        :raises ApiError: the API would refuse.
        """
        try:
            self._apply(manifest, dry_run=True)
        except UnknownTypeError:
            return
        except ApiError as error:
            if error.status != HTTPStatus.NOT_FOUND and not self._replaced(manifest, error):
                raise

    def create(self, type_: str, manifest: Mapping[str, Any]) -> dict[str, Any]:
        """Apply a new object; as with Pulumi, one that somebody else made is taken over if they agree.

        :raises TwinError: the program made one of this name already.
        :raises ApiError: the API refused, in its own words.
        """
        there = self._api.find(Reference.of(manifest))
        if there is not None and MANAGER in managers(there):
            raise TwinError(f"{manifest['kind']} {manifests.identity(manifest)!r} already exists")
        live = self._apply(manifest)
        if manifest["kind"] == "CustomResourceDefinition":
            self._wait_established(live)
        return _outputs(live, manifest)

    def find(self, type_: str, id_: str, inputs: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The object, and what of it somebody declared; None where it is gone."""
        live = self._api.find(_reference(type_, id_))
        return None if live is None else (_outputs(live, inputs), as_given(declared_part(live), inputs))

    def update(self, type_: str, id_: str, manifest: Mapping[str, Any]) -> dict[str, Any] | None:
        """Apply the object anew; None where it is gone. What is forced is what the program says, and nothing else."""
        live = self._api.find(_reference(type_, id_))
        if live is None:
            return None
        if _forced(manifest):
            stripped = without_others(live, manifest, MANAGER)
            if stripped != live:
                self._api.replace(stripped)
        return _outputs(self._apply(manifest), manifest)

    def delete(self, type_: str, id_: str, state: Mapping[str, Any]) -> None:
        """Delete the object and wait for its end, and that of what it owns; one that is gone already is no error.

        An object of a custom kind owns nothing here, where its controller does not run; and the garbage collector, whom
        a deletion in the foreground waits for, knows a new kind only after half a minute.
        """
        wanted = _reference(type_, id_)
        usual = "Background" if is_custom(wanted.api_version) else "Foreground"
        policy = str((dig(state, "metadata.annotations") or {}).get(_PROPAGATION, usual)).capitalize()
        propagation = policy if policy in get_args(Propagation) else usual
        self._api.delete(wanted, propagation=cast(Propagation, propagation))

    def _apply(self, manifest: Mapping[str, Any], *, dry_run: bool = False) -> dict[str, Any]:
        try:
            return self._api.apply(manifest, force=_forced(manifest), dry_run=dry_run)
        except ApiError as error:
            if error.status != HTTPStatus.CONFLICT:
                raise
            way_out = f"undo that change, or take the fields over with the annotation {_FORCE}: 'true'"
            raise ApiError(f"{error}; {way_out}", error.status, error.reason) from error

    def _replaced(self, manifest: Mapping[str, Any], error: ApiError) -> bool:
        """Whether the refusal is about changing an object that Pulumi will delete and make anew."""
        if error.status != HTTPStatus.UNPROCESSABLE_ENTITY:
            return False
        there = self._api.find(Reference.of(manifest))
        return there is not None and bool(manifests.unchangeable(manifest, as_given(declared_part(there), manifest)))

    def _wait_established(self, definition: Mapping[str, Any]) -> None:
        """A definition is of use when the API serves its kinds, a moment after it was accepted."""
        spec, deadline = definition["spec"], time.monotonic() + _ESTABLISHED_WITHIN_S
        versions = [f"{spec['group']}/{version['name']}" for version in spec["versions"] if version["served"]]
        while versions and time.monotonic() < deadline:
            try:
                self._api.kind(versions[0], spec["names"]["kind"])
                return
            except UnknownTypeError:
                time.sleep(0.05)


def _forced(manifest: Mapping[str, Any]) -> bool:
    return str((dig(manifest, "metadata.annotations") or {}).get(_FORCE, "")).lower() == "true"


def _outputs(live: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The object as Pulumi's state keeps it: all but the book-keeping of who owns which field."""
    metadata = {key: value for key, value in live["metadata"].items() if key != "managedFields"}
    return as_given({**live, "metadata": metadata}, given)


def _reference(type_: str, id_: str) -> Reference:
    api_version, kind = manifests.kind_of(type_)
    namespace, _, name = id_.rpartition("/")
    return Reference(api_version, kind, namespace or None, name)
