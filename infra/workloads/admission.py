"""The admission controls, read as data from `policies/admission/`: each a ValidatingAdmissionPolicy and its binding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pulumi
import yaml
from pulumi_kubernetes.admissionregistration.v1 import ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding
from pulumi_kubernetes.core.v1 import ConfigMap
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from infra.component import Component
from infra.foundation.edge.edge_port import EDGE_NODE_PORT
from infra.settings import StackSettings
from infra.workloads.deploy import KUBERNETES, Deployment

FOLDER: Final = Path(__file__).resolve().parents[2] / "policies" / "admission"
PARAMETERS: Final = "admission-parameters"
"""The ConfigMap from which policies take what differs between stacks."""

Manifest = Mapping[str, Any]


class AdmissionError(Exception):
    """A policy file that cannot stand; the message names the file and what is wrong."""


def load_admission(folder: Path = FOLDER) -> dict[str, tuple[Manifest, Manifest]]:
    """Every policy with its binding, by the name of its folder, sorted.

    Raises `AdmissionError` for a file that is not one policy and one binding, both named like the folder.
    """
    return {file.parent.name: _load(file) for file in sorted(folder.glob("*/policy.yaml"))}


def parameters(settings: StackSettings, deployments: Iterable[Deployment]) -> dict[str, str]:
    """What the policies ask of a stack: its registry, who may have a token, and the one node port."""
    callers = [each for each in deployments if KUBERNETES in each.access.calls]
    accounts = sorted(account for each in callers for account in each.accounts(settings.shards))
    return {
        "registry": settings.image_registry,
        "token-accounts": ",".join(accounts),
        "edge-node-port": str(EDGE_NODE_PORT),
    }


class Admission(Component):
    """The policies and what they ask. `all` is everything that must be there before the first pod."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        namespace: pulumi.Input[str],
        deployments: Iterable[Deployment],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("workloads:Admission", name, settings, opts)
        asked = ConfigMap(
            self.child_name("parameters"),
            metadata=ObjectMetaArgs(name=PARAMETERS, namespace=namespace),
            data=parameters(settings, deployments),
            opts=self.child(),
        )
        self.all: list[pulumi.Resource] = [asked]
        for policy, binding in load_admission().values():
            self._declare(policy, binding, asked)
        self.register_outputs({})

    def _declare(self, policy: Manifest, binding: Manifest, asked: ConfigMap) -> None:
        name = policy["metadata"]["name"]
        made = ValidatingAdmissionPolicy(
            self.child_name(name), metadata=_metadata(policy), spec=_spec(policy), opts=self.child(depends_on=[asked])
        )
        bound = ValidatingAdmissionPolicyBinding(
            self.child_name(name), metadata=_metadata(binding), spec=_spec(binding), opts=self.child(depends_on=[made])
        )
        self.all += [made, bound]


def _load(file: Path) -> tuple[Manifest, Manifest]:
    try:
        documents = list(yaml.safe_load_all(file.read_text()))
    except yaml.YAMLError as error:
        raise AdmissionError(f"{file}: is not YAML: {error}") from None
    kinds = [each.get("kind") if isinstance(each, Mapping) else None for each in documents]
    if kinds != ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"]:
        raise AdmissionError(f"{file}: holds {kinds}; a ValidatingAdmissionPolicy and its binding are wanted")
    policy, binding = documents
    names = (policy["metadata"]["name"], binding["metadata"]["name"], binding["spec"]["policyName"])
    if set(names) != {file.parent.name}:
        raise AdmissionError(f"{file}: the names {', '.join(names)} are not all that of the folder")
    return policy, binding


def _metadata(manifest: Manifest) -> ObjectMetaArgs:
    metadata = manifest["metadata"]
    return ObjectMetaArgs(name=metadata["name"], annotations=metadata.get("annotations"))


def _spec(manifest: Manifest) -> pulumi.Output[Any]:
    """As the file has it: an output keeps the SDK from reading its own spelling into the keys."""
    return pulumi.Output.from_input(manifest["spec"])
