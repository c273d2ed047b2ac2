"""The account twin as a provider: Pulumi's resource operations, done with AWS's own calls on the account server.

Everything here speaks plain dictionaries with Pulumi's wire names. Unknowns and secrets are the caller's business.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from sandbox.twin import mapping, reading, tags
from sandbox.twin.clients import Clients
from sandbox.twin.errors import TwinError, UnknownTypeError
from sandbox.twin.functions import invoke
from sandbox.twin.outcomes import CheckFailure, Difference
from sandbox.twin.resource import Adjust, Call, Resource
from sandbox.twin.sameness import same
from sandbox.twin.schema import schema_of
from sandbox.twin.templates import resolve
from sandbox.twin.work import EVERYWHERE, TAGS, Work, is_absent, used_by_templates


class Twin:
    """The AWS half of the stack `local`. Safe to use from several threads."""

    def __init__(
        self, endpoint: str, region: str, *, account: str | None = None, default_tags: Mapping[str, str] | None = None
    ) -> None:
        """Work on the account served at `endpoint`, in `region` unless an input names another.

        :param account: its twelve digits; asked of the server unless given.
        :param default_tags: what the provider puts on everything that bears tags.
        """
        self.region, self._default_tags = region, dict(default_tags or {})
        self._clients = Clients(endpoint, region)
        self._account = account

    @property
    def account(self) -> str:
        """The account's twelve digits."""
        if self._account is None:
            self._account = self._clients.account()
        return self._account

    def check(
        self, type_: str, urn: str, olds: Mapping[str, Any] | None, news: Mapping[str, Any]
    ) -> tuple[dict[str, Any], list[CheckFailure]]:
        """The inputs as they will be used, with the name made up where none is given; and what is wrong with them.

        :raises UnknownTypeError: the mapping has no such type.
        """
        resource = mapping.find(type_)
        inputs = {name: value for name, value in news.items() if value is not None}
        failures = self._strangers(resource, inputs)
        if resource.autoname and not inputs.get(resource.autoname):
            inputs[resource.autoname] = (olds or {}).get(resource.autoname) or _made_up_name(resource, urn, inputs)
        if resource.tagging is not None and (inputs.get("tags") or self._default_tags):
            inputs["tagsAll"] = self._default_tags | dict(inputs.get("tags") or {})
        return inputs, failures

    def diff(self, type_: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Difference:
        """What an update from the inputs `olds` to `news` would change."""
        work = self._work(type_, news)
        changes = _changed(work.resource, olds, news)
        fixed = work.resource.fixed(olds, news) if work.resource.fixed else ()
        replaces = [name for name in changes if name in fixed or not _updatable(work, name)]
        clash = all(same(olds.get(name), news.get(name)) for name in work.resource.identity)
        return Difference(changes, replaces, bool(replaces and work.resource.identity and clash))

    def create(
        self, type_: str, urn: str, inputs: Mapping[str, Any], *, timeout: float = 1800
    ) -> tuple[str, dict[str, Any]]:
        """Create the resource; gives its id and outputs. A creation that fails half-way is taken back.

        :param timeout: seconds to wait for it to become ready.
        """
        work = self._work(type_, inputs)
        creation = work.creation()
        if creation is not None:
            parameters = work.parameters(creation, work.carried(creation))
            tags.add_to_creation(work, parameters)
            work.values["result"] = work.send(creation, parameters)
        work.become(work.named())
        try:
            self._furnish(work)
            self._wait(work, timeout)
            return work.id, self._outputs(work, urn)
        except Exception:
            if creation is not None:
                with suppress(ClientError):  # the first error is the one to tell
                    self._delete(work)
            raise

    def read(
        self, type_: str, id_: str, inputs: Mapping[str, Any], state: Mapping[str, Any]
    ) -> tuple[str, dict[str, Any], dict[str, Any]] | None:
        """(id, inputs, outputs) rebuilt from the live resource, or None where it is gone.

        `inputs` and `state` are the last known ones; both empty in an import.
        """
        work = self._work(type_, {**_only_inputs(type_, state), **inputs}, id_)
        now = reading.live(work)
        if now is None:
            return None
        rebuilt = reading.inputs_of(work, inputs, state, now)
        return id_, rebuilt, reading.outputs_of(work, inputs, now)

    def update(self, type_: str, id_: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
        """Bring the resource from the inputs `olds` to `news`; gives its outputs."""
        resource = mapping.find(type_)
        changes = _changed(resource, olds, news)
        taken_away = {
            name: resource.defaults[name] for name in changes if name not in news and name in resource.defaults
        }
        work = self._work(type_, {**news, **taken_away}, id_)
        work.values["old"] = dict(olds)
        for call in (*resource.updates, *resource.settings):
            touched = work.carried_names(call, changes)
            if touched and isinstance(call, Adjust):
                call.run(work)
            elif touched and isinstance(call, Call):
                carried = work.carried(call)
                work.do(call, {k: v for k, v in carried.items() if k in touched} if call.only_changed else carried)
        if tags.wanted(olds) != tags.wanted(news):
            reading.live(work)  # the calls that tag may name the ARN
            tags.change(work, tags.wanted(olds), tags.wanted(news))
        self._declare(work, news)
        return self._outputs(self._work(type_, news, id_), id_)

    def delete(self, type_: str, id_: str, state: Mapping[str, Any]) -> None:
        """Delete the resource; one that is gone already is no error."""
        self._delete(self._work(type_, _only_inputs(type_, state), id_, state))

    def invoke(self, token: str, args: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a provider function.

        :raises UnknownTypeError: the twin does not know the function.
        """
        return invoke(token, args, region=self.region, account=self.account)

    def rehearse(self, type_: str, inputs: Mapping[str, Any]) -> None:
        """Refuses nothing: AWS says whether it would only when it is asked to do it."""

    def observable(self, type_: str) -> bool:
        """Whether evidence on resources of this type can be collected here."""
        return not mapping.find(type_).lacking

    def unobservable_properties(self, type_: str) -> tuple[str, ...]:
        """The inputs that the account does not show: declared state, which moto drops."""
        return mapping.find(type_).dropped

    def _work(
        self, type_: str, inputs: Mapping[str, Any], id_: str = "", state: Mapping[str, Any] | None = None
    ) -> Work:
        work = Work(self._clients, self.account, mapping.find(type_), inputs, id_)
        work.values = {**(state or {}), **work.values}
        return work

    def _strangers(self, resource: Resource, inputs: Mapping[str, Any]) -> list[CheckFailure]:
        """Inputs that the type does not have, or that nobody has mapped: neither is silently lost."""
        schema, work = schema_of(resource.type), Work(self._clients, "", resource, inputs)
        handled = {
            *resource.only_here,
            *resource.write_only,
            *resource.dropped,
            *EVERYWHERE,
            resource.prefix,
            *used_by_templates(resource),
        }
        handled |= set(TAGS) if resource.tagging else set()
        calls: list[Call | Adjust | None] = [
            resource.create,
            resource.create_otherwise,
            *resource.settings,
            *resource.updates,
        ]
        for call in calls:
            handled |= work.carried_names(call, inputs) if call else set()
        failures = []
        for name in inputs:
            if name not in schema.inputs and name != "tagsAll":
                failures.append(CheckFailure(name, f"{resource.type} has no input {name!r}"))
            elif name not in handled:
                place = mapping.place_of(resource.type)
                failures.append(
                    CheckFailure(name, f"the twin does not map {name!r} of {resource.type}; add it in {place}")
                )
        return failures

    def _furnish(self, work: Work) -> None:
        """What follows the creating request: settings, tags, declared state."""
        for call in work.resource.settings:
            carried = work.carried(call)
            if carried and isinstance(call, Adjust):
                call.run(work)
            elif carried and isinstance(call, Call):
                work.do(call, carried)
        tags.put_after_creation(work)
        self._declare(work, work.inputs)
        if work.resource.after_create is not None:
            work.resource.after_create(work)

    def _declare(self, work: Work, inputs: Mapping[str, Any]) -> None:
        resource = work.resource
        if resource.lacking:
            kept = {name: value for name, value in inputs.items() if name not in EVERYWHERE}
            if resource.counts:
                former = self._clients.declared(work.region, resource.type, work.id) or {}
                kept[resource.counts] = former.get(resource.counts, 0) + 1
            self._clients.declare(work.region, resource.type, work.id, kept)
        elif resource.dropped:
            heads = {path.partition(".")[0] for path in resource.dropped}
            kept = {name: inputs[name] for name in inputs if name in heads}
            self._clients.declare(work.region, resource.type, work.id, kept)

    def _wait(self, work: Work, timeout: float) -> None:
        if not work.resource.waiter or work.resource.lacking:
            return
        waiter = work.client().get_waiter(work.resource.waiter)
        pause = 1
        waiter.config.delay, waiter.config.max_attempts = pause, max(1, int(timeout / pause))
        try:
            waiter.wait(**resolve(work.resource.waiter_arguments, work.values))
        except WaiterError as error:
            raise TwinError(f"{work.resource.type} {work.id}: not ready within {timeout:g} s: {error}") from error

    def _outputs(self, work: Work, name: str) -> dict[str, Any]:
        now = reading.live(work)
        if now is None:
            raise TwinError(f"{name}: {work.resource.type} {work.id} is not there after it was made")
        return reading.outputs_of(work, work.inputs, now)

    def _delete(self, work: Work) -> None:
        resource = work.resource
        if not resource.lacking:
            for step in (resource.before_delete, *resource.delete):
                _unless_absent(work, step)
        if resource.lacking or resource.dropped:
            self._clients.undeclare(work.region, resource.type, work.id)


def _unless_absent(work: Work, step: Call | Callable[[Work], None] | None) -> None:
    """Do one step of a deletion; what it is about may be gone already, and the next steps follow all the same."""
    try:
        if isinstance(step, Call):
            work.do(step, {})
        elif step is not None:
            step(work)
    except ClientError as error:
        if not is_absent(error, work.resource.gone):
            raise


def _only_inputs(type_: str, state: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name in schema_of(type_).inputs}


def _changed(resource: Resource, olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[str]:
    default = resource.defaults
    names = [*news, *(name for name in olds if name not in news)]
    return [n for n in names if not same(olds.get(n, default.get(n)), news.get(n, default.get(n)))]


def _updatable(work: Work, name: str) -> bool:
    resource = work.resource
    if name in resource.replace_on:
        return False
    if name in (*resource.only_here, *resource.dropped, *TAGS, "timeouts"):
        return True
    return any(work.carried_names(call, [name]) for call in (*resource.settings, *resource.updates))


def _made_up_name(resource: Resource, urn: str, inputs: Mapping[str, Any]) -> str:
    """As Pulumi does: the logical name, a hyphen and seven random hexadecimal digits."""
    stem = str(inputs.get(resource.prefix) or f"{urn.rpartition('::')[2]}-")[: resource.longest_name - 7]
    return f"{stem.lower() if resource.lowercase_name else stem}{secrets.token_hex(4)[:7]}"


__all__ = ["CheckFailure", "Difference", "Twin", "TwinError", "UnknownTypeError"]
