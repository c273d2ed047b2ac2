"""NET-6: no pod and no forged request gets a node's credentials."""

from __future__ import annotations

from collections.abc import Iterator

from policies.account import Account, Subject
from policies.checks import check
from policies.cloud import tokens
from policies.model import Clause, Control, Severity
from policies.resources import Resource, Stack
from policies.rules import rule

HOPS = 1
"""Network hops that the answer of the metadata service may take: one reaches the node, two would reach a pod."""


@rule(
    "net-6-metadata-tokens",
    tokens.LAUNCH_TEMPLATE,
    tokens.INSTANCE,
    remedy="Set metadata_options.http_tokens to required.",
)
def demands_tokens(machine: Resource, _: Stack) -> Iterator[str]:
    """The instance metadata service demands a token; EC2's default is that it does not."""
    if machine.get("metadataOptions.httpTokens", default="optional") != "required":
        yield "answers without a token (metadataOptions.httpTokens is not required)"


@rule(
    "net-6-metadata-hops",
    tokens.LAUNCH_TEMPLATE,
    tokens.INSTANCE,
    remedy=f"Set metadata_options.http_put_response_hop_limit to {HOPS}.",
)
def reaches_no_pod(machine: Resource, _: Stack) -> Iterator[str]:
    """The metadata service's answer does not reach a pod; the images of EKS have a default of two hops."""
    hops = machine.get("metadataOptions.httpPutResponseHopLimit", default=2)
    if hops > HOPS:
        yield f"lets the metadata service's answer travel {hops:g} hops, which reaches pods"


def _templates(account: Account) -> Iterator[Subject]:
    """Every launch template in the version that is used where none is named."""
    for template in account.all("ec2", "describe_launch_templates", "LaunchTemplates"):
        template_id, default = template["LaunchTemplateId"], str(template["DefaultVersionNumber"])
        versions = account.all(
            "ec2",
            "describe_launch_template_versions",
            "LaunchTemplateVersions",
            LaunchTemplateId=template_id,
            Versions=[default],
        )
        for version in versions:
            yield Subject(template_id, tokens.LAUNCH_TEMPLATE, version.get("LaunchTemplateData", {}))


def _instances(account: Account) -> Iterator[Subject]:
    for reservation in account.all("ec2", "describe_instances", "Reservations"):
        for instance in reservation.get("Instances", []):
            if instance.get("State", {}).get("Name") not in ("terminated", "shutting-down"):
                yield Subject(instance["InstanceId"], tokens.INSTANCE, instance)


def _faults(machine: Subject) -> Iterator[str]:
    if machine.get("MetadataOptions.HttpTokens", default="optional") != "required":
        yield "its metadata service answers without a token"
    hops = machine.get("MetadataOptions.HttpPutResponseHopLimit", default=2)
    if hops > HOPS:
        yield f"its metadata service's answer travels {hops} hops"


@check("net-6-template-metadata", _templates, proves="its metadata service demands a token, and answers the node only")
def template_guards_metadata(template: Subject, account: Account) -> Iterator[str]:
    """Machines of a launch template guard their credentials."""
    account.observe(tokens.LAUNCH_TEMPLATE, "metadataOptions")
    yield from _faults(template)


@check("net-6-instance-metadata", _instances, proves="its metadata service demands a token, and answers the node only")
def instance_guards_metadata(instance: Subject, account: Account) -> Iterator[str]:
    """A machine that runs guards its credentials."""
    account.observe(tokens.INSTANCE, "metadataOptions")
    yield from _faults(instance)


CONTROL = Control(
    id="NET-6",
    title="Guarded instance metadata",
    statement=(
        "The metadata service of every machine demands a token, and its answer travels one hop, so that neither a pod "
        "nor a request that a server was tricked into gets the node's credentials."
    ),
    rationale="With the node's credentials a single compromised pod is all of them.",
    clauses=(Clause("CIS AWS", "5.0", "5.7"), Clause("ISO 27001", "2022", "8.2")),
    severity=Severity.HIGH,
    owner="Infrastructure lead",
    evidence="The metadata options of machines and launch templates.",
    preventive=(demands_tokens, reaches_no_pod),
    detective=(template_guards_metadata, instance_guards_metadata),
)
