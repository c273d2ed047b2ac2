"""The state in which an account is handed over: no default VPC in any region, as a landing zone leaves it.

A fresh AWS account has a VPC with public subnets and an open default security group in every region, which every audit
finds. Nothing of Valletta uses them, so a real account gets rid of them before its first stack, and so does the twin.
"""

from __future__ import annotations

from sandbox.twin.values import Value


def apply_baseline(service: str, backend: Value) -> None:
    """Bring one freshly made regional part of moto's account to the baseline."""
    if service == "ec2":
        _remove_default_vpc(backend)


def _remove_default_vpc(ec2: Value) -> None:
    vpc = ec2.get_default_vpc()
    if vpc is None:
        return
    for subnet in [s for zone in ec2.subnets.values() for s in list(zone.values()) if s.vpc_id == vpc.id]:
        ec2.delete_subnet(subnet.id)
    for acl in [a for a in list(ec2.network_acls.values()) if a.vpc_id == vpc.id]:
        del ec2.network_acls[acl.id]
    ec2.delete_vpc(vpc.id)
