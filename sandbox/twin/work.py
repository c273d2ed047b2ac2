"""One resource being worked on: its declaration, its inputs, and the calls that the declaration asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError, ParamValidationError
from botocore.model import OperationModel, StructureShape
from botocore.validate import ParamValidator

from sandbox.twin import shapes
from sandbox.twin.clients import Clients
from sandbox.twin.errors import InvalidRequestError, TwinError, without_values
from sandbox.twin.naming import bury, counterpart
from sandbox.twin.resource import ALL, Adjust, Call, Read, Resource
from sandbox.twin.schema import TypeSchema, schema_of
from sandbox.twin.shapes import structure
from sandbox.twin.templates import mentioned, parsed, resolve, search
from sandbox.twin.values import Value

TAGS = ("tags", "tagsAll")
EVERYWHERE = ("region", "timeouts")
"""Inputs that every type of pulumi_aws v7 may have and no AWS request carries."""

_PLACE = re.compile(r"\{(\w+)\}")
_ABSENT = ("NotFound", "NoSuch", "DoesNotExist", "ResourceNotFoundException", "404")


class Work:
    """The calls of one resource. `values` is what templates see."""

    def __init__(
        self, clients: Clients, account: str, resource: Resource, inputs: Mapping[str, Any], id_: str = ""
    ) -> None:
        self.clients, self.resource, self.inputs, self.id = clients, resource, dict(inputs), id_
        self.schema: TypeSchema = schema_of(resource.type)
        self.noun = resource.noun or self.schema.noun
        self.region = str(inputs.get("region") or clients.region)
        known = {"id": id_, "region": self.region, "account": account, "partition": "aws"}
        self.values: dict[str, Any] = {**parsed(resource.id, id_), **inputs, **known}

    def client(self, service: str = "") -> Value:
        """The boto3 client of the resource's service, or of another."""
        return self.clients.client(service or self.resource.service, self.region)

    def operation(self, call: Call | Read) -> OperationModel:
        """The model of a call's operation."""
        model: OperationModel = self.client(call.service).meta.service_model.operation_model(call.operation)
        return model

    def carried(self, call: Call | Adjust) -> dict[str, Any]:
        """The inputs that `call` carries, as given."""
        names = self.carried_names(call, self.inputs)
        return {name: self.inputs[name] for name in self.inputs if name in names}

    def creation(self) -> Call | None:
        """The operation that creates it, by its inputs; None for what only sets something of another resource."""
        otherwise = self.resource.create_otherwise
        return otherwise if otherwise and search(otherwise.when, self.values) else self.resource.create

    def carried_names(self, call: Call | Adjust, candidates: Iterable[str]) -> set[str]:
        """Which of `candidates` the call carries."""
        if isinstance(call, Adjust) or call.carries != ALL:
            return set(call.carries) & set(candidates)
        target = self._target(call)
        elsewhere = {*TAGS, *EVERYWHERE, *(name for setting in self._apart(call) for name in setting.carries)}
        found = set()
        for name in set(candidates) - elsewhere:
            member = self.resource.names.get(name, counterpart(name, target.members, self.noun))
            if member and (call.into or member.partition(".")[0] not in call.arguments):
                found.add(name)
        return found

    def _apart(self, call: Call) -> tuple[Call | Adjust, ...]:
        """Settings carry their inputs alone; the creating call leaves those to them."""
        apart = tuple(setting for setting in self.resource.settings if setting.carries != ALL)
        return apart if call in (self.resource.create, self.resource.create_otherwise) else ()

    def _target(self, call: Call) -> StructureShape:
        shape = structure(self.operation(call).input_shape)
        for part in filter(None, call.into.split(".")):
            shape = structure(shape.members[part])
        return shape

    def parameters(self, call: Call, carried: Mapping[str, Any]) -> dict[str, Any]:
        """The request of a call that carries these inputs.

        :raises InvalidRequestError: an input has a form that AWS's model does not know.
        """
        if self.operation(call).input_shape is None:
            return {}
        members, strangers = shapes.request(self._target(call), carried, self.resource.names, self.noun)
        if strangers := strangers - set(mentioned(call.arguments)):
            raise InvalidRequestError(f"{call.operation} has no member for {', '.join(sorted(strangers))}")
        parameters: dict[str, Any] = {}
        if call.into:
            bury(parameters, call.into, members)
        else:
            parameters = members
        return _merged(parameters, resolve(call.arguments, self.values))

    def send(self, call: Call | Read, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Make the request, or, of a type that moto lacks, only check it against AWS's model.

        :raises InvalidRequestError: AWS's model does not accept the request; values are not quoted.
        """
        try:
            if self.resource.lacking:
                self._validate(call, parameters)
                return {}
            method = getattr(self.client(call.service), xform_name(call.operation))
            answer: dict[str, Any] = method(**parameters)
        except ParamValidationError as error:
            raise InvalidRequestError(f"{call.operation}: {without_values(error)}") from None
        return answer

    def do(self, call: Call, carried: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Make the call with these inputs (all that it carries unless named), if its condition holds."""
        if call.when and not search(call.when, self.values):
            return {}
        answer = self.send(call, self.parameters(call, self.carried(call) if carried is None else carried))
        self.values["result"] = answer
        return answer

    def look(self, read: Read) -> Value:
        """What a read finds at its place, or None where the answer is that there is nothing."""
        parameters = resolve(read.arguments, self.values)
        try:
            answer = self.send(read, parameters)
        except ClientError as error:
            if is_absent(error, (*read.gone, *self.resource.gone)):
                return None
            raise
        return search(_PLACE.sub(lambda found: str(self.values.get(found[1])), read.at), answer) or None

    def named(self) -> str:
        """The id that the resource's template gives.

        :raises TwinError: the answer to the creation did not hold what the template names.
        """
        found = resolve(self.resource.id, self.values)
        if not found or "None" in str(found):
            raise TwinError(f"{self.resource.type}: the answer to {self.resource.create} gives no {self.resource.id}")
        return str(found)

    def become(self, id_: str) -> None:
        """From now on the resource has this id."""
        self.id = self.values["id"] = id_

    def _validate(self, call: Call | Read, parameters: Mapping[str, Any]) -> None:
        report = ParamValidator().validate(dict(parameters), structure(self.operation(call).input_shape))
        if report.has_errors():
            raise ParamValidationError(report=report.generate_report())


def is_absent(error: ClientError, codes: tuple[str, ...] = ()) -> bool:
    """Whether an AWS error says that the thing is not there: by its name, or because the mapping knows the code."""
    code = error.response["Error"]["Code"]
    return code in codes or any(mark in code for mark in _ABSENT)


def _merged(one: dict[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(one)
    for key, value in other.items():
        mine = merged.get(key)
        merged[key] = _merged(mine, value) if isinstance(mine, dict) and isinstance(value, Mapping) else value
    return merged


def used_by_templates(resource: Resource) -> set[str]:
    """The inputs that the templates of a resource speak of."""
    calls = [call for call in (resource.create, *resource.settings, *resource.updates) if isinstance(call, Call)]
    return {name for template in [resource.id, *(call.arguments for call in calls)] for name in mentioned(template)}
