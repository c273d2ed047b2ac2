"""What somebody must be told of: the events that section 4 of CIS AWS 5.0 wants watched, clause by clause.

A filter on the trail's log group watches a clause when its pattern holds all of the clause's words. Security Hub
compares whole patterns; whoever writes one otherwise, and to the same effect, is not wrong here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

WATCHED: Final[Mapping[str, tuple[str, ...]]] = {
    "4.1 refused calls": ("UnauthorizedOperation", "AccessDenied"),
    "4.2 sign-in without a second factor": ("ConsoleLogin", "MFAUsed"),
    "4.3 use of the root user": ("userIdentity.type", "Root"),
    "4.4 changes of rights": ("PutRolePolicy", "AttachRolePolicy", "CreatePolicyVersion", "AttachUserPolicy"),
    "4.5 changes of the trail": ("UpdateTrail", "DeleteTrail", "StopLogging"),
    "4.6 failed sign-in": ("ConsoleLogin", "Failed authentication"),
    "4.7 keys disabled or deleted": ("DisableKey", "ScheduleKeyDeletion"),
    "4.8 changes of buckets' policies": ("PutBucketPolicy", "DeleteBucketPolicy", "PutBucketReplication"),
    "4.9 changes of the recorder": ("StopConfigurationRecorder", "DeleteDeliveryChannel"),
    "4.10 changes of security groups": ("AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress"),
    "4.11 changes of network lists": ("CreateNetworkAclEntry", "ReplaceNetworkAclEntry"),
    "4.12 changes of gateways": ("AttachInternetGateway", "DeleteInternetGateway"),
    "4.13 changes of routes": ("CreateRoute", "ReplaceRoute", "DeleteRoute"),
    "4.14 changes of networks": ("CreateVpc", "DeleteVpc", "AcceptVpcPeeringConnection"),
    "4.15 changes of the organisation": ("organizations.amazonaws.com", "LeaveOrganization"),
}
"""Clause, and the words that its pattern holds."""


def unwatched(patterns: Iterable[str]) -> Iterator[str]:
    """The clauses that none of the patterns watches."""
    known = tuple(patterns)
    for clause, words in WATCHED.items():
        if not any(all(word in pattern for word in words) for pattern in known):
            yield clause
