"""What people are woken for: the events of the trail that CIS AWS 5.0 wants watched, and ours on records.

The patterns of 4.1 to 4.14 are those that Security Hub compares with (its controls CloudWatch.1 to CloudWatch.14).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LONGEST_PATTERN: Final = 1024
"""Characters that CloudWatch Logs allows a filter's pattern."""


@dataclass(frozen=True)
class Watch:
    """A filter on the trail's events, whose every match is told."""

    name: str
    clause: str
    """The clause of CIS AWS 5.0, or the control where it is ours."""
    says: str
    pattern: str


def _events(*names: str, source: str = "") -> str:
    """The pattern of any of these events, of one service where it is named."""
    events = " || ".join(f"($.eventName={name})" for name in names)
    return f"{{($.eventSource={source}) && ({events})}}" if source else f"{{{events}}}"


def _deletions(*kinds: str) -> str:
    """The pattern of objects deleted from the buckets of these kinds; a lifecycle's own deletions are no calls."""
    buckets = " || ".join(f'($.requestParameters.bucketName="*-{kind}-*")' for kind in kinds)
    return f"{{(($.eventName=DeleteObject) || ($.eventName=DeleteObjects)) && ({buckets})}}"


WATCHES: Final = (
    Watch(
        "unauthorized-calls",
        "4.1",
        "somebody was refused",
        '{($.errorCode="*UnauthorizedOperation") || ($.errorCode="AccessDenied*")}',
    ),
    Watch(
        "sign-in-without-mfa",
        "4.2",
        "somebody signed in to the console without a second factor",
        '{($.eventName="ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && '
        '($.userIdentity.type="IAMUser") && ($.responseElements.ConsoleLogin="Success")}',
    ),
    Watch(
        "root-use",
        "4.3",
        "the root user did something",
        '{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType !="AwsServiceEvent"}',
    ),
    Watch(
        "iam-changes",
        "4.4",
        "rights changed",
        _events(
            *(f"{verb}{whose}Policy" for whose in ("Group", "Role", "User") for verb in ("Delete", "Put")),
            *("CreatePolicy", "DeletePolicy", "CreatePolicyVersion", "DeletePolicyVersion"),
            *(f"{verb}{whose}Policy" for whose in ("Role", "User", "Group") for verb in ("Attach", "Detach")),
            source="iam.amazonaws.com",
        ),
    ),
    Watch(
        "trail-changes",
        "4.5",
        "the trail changed",
        _events("CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"),
    ),
    Watch(
        "sign-in-failures",
        "4.6",
        "somebody failed to sign in to the console",
        '{($.eventName=ConsoleLogin) && ($.errorMessage="Failed authentication")}',
    ),
    Watch(
        "key-deletion",
        "4.7",
        "a customer key was disabled or is to be deleted",
        _events("DisableKey", "ScheduleKeyDeletion", source="kms.amazonaws.com"),
    ),
    Watch(
        "bucket-policy-changes",
        "4.8",
        "who may reach a bucket, or what becomes of its objects, changed",
        _events(
            *("PutBucketAcl", "PutBucketPolicy", "PutBucketCors", "PutBucketLifecycle", "PutBucketReplication"),
            *("DeleteBucketPolicy", "DeleteBucketCors", "DeleteBucketLifecycle", "DeleteBucketReplication"),
            source="s3.amazonaws.com",
        ),
    ),
    Watch(
        "config-changes",
        "4.9",
        "the recorder of configurations changed",
        _events(
            *("StopConfigurationRecorder", "DeleteDeliveryChannel", "PutDeliveryChannel", "PutConfigurationRecorder"),
            source="config.amazonaws.com",
        ),
    ),
    Watch(
        "security-group-changes",
        "4.10",
        "who may connect to what changed",
        _events(
            *(f"{verb}SecurityGroup{way}" for verb in ("Authorize", "Revoke") for way in ("Ingress", "Egress")),
            *("CreateSecurityGroup", "DeleteSecurityGroup"),
        ),
    ),
    Watch(
        "network-acl-changes",
        "4.11",
        "a network's access list changed",
        _events(
            *("CreateNetworkAcl", "CreateNetworkAclEntry", "DeleteNetworkAcl", "DeleteNetworkAclEntry"),
            *("ReplaceNetworkAclEntry", "ReplaceNetworkAclAssociation"),
        ),
    ),
    Watch(
        "gateway-changes",
        "4.12",
        "a network's way out changed",
        _events(
            *("CreateCustomerGateway", "DeleteCustomerGateway", "AttachInternetGateway"),
            *("CreateInternetGateway", "DeleteInternetGateway", "DetachInternetGateway"),
        ),
    ),
    Watch(
        "route-changes",
        "4.13",
        "traffic is sent another way",
        _events(
            *("CreateRoute", "CreateRouteTable", "ReplaceRoute", "ReplaceRouteTableAssociation"),
            *("DeleteRouteTable", "DeleteRoute", "DisassociateRouteTable"),
            source="ec2.amazonaws.com",
        ),
    ),
    Watch(
        "network-changes",
        "4.14",
        "a network was made, removed or joined to another",
        _events(
            *("CreateVpc", "DeleteVpc", "ModifyVpcAttribute"),
            *(f"{verb}VpcPeeringConnection" for verb in ("Accept", "Create", "Delete", "Reject")),
            *("AttachClassicLinkVpc", "DetachClassicLinkVpc", "DisableVpcClassicLink", "EnableVpcClassicLink"),
        ),
    ),
    Watch(
        "organization-changes",
        "4.15",
        "the organisation or its policies changed",
        _events(
            *("AcceptHandshake", "AttachPolicy", "CreateAccount", "CreateOrganizationalUnit", "CreatePolicy"),
            *("DeclineHandshake", "DeleteOrganization", "DeleteOrganizationalUnit", "DeletePolicy", "DetachPolicy"),
            *("DisablePolicyType", "EnablePolicyType", "InviteAccountToOrganization", "LeaveOrganization"),
            *("MoveAccount", "RemoveAccountFromOrganization", "UpdatePolicy", "UpdateOrganizationalUnit"),
            source="organizations.amazonaws.com",
        ),
    ),
    Watch(
        "record-changes",
        "LOG-2",
        "a lock, a backup or a log of records was weakened or deleted",
        _events(
            *("PutBucketObjectLockConfiguration", "PutObjectRetention", "PutBucketVersioning", "DeleteBucket"),
            *("DeleteBackupVaultLockConfiguration", "DeleteBackupVault", "DeleteRecoveryPoint"),
            *("DeleteLogGroup", "DeleteRetentionPolicy", "DeleteFlowLogs", "DeleteDBInstance", "DeleteDetector"),
            *("DisableSecurityHub", "DeleteAnalyzer", "DeletePublishingDestination"),
        ),
    ),
    Watch(
        "regulator-access",
        "REG-1",
        "the regulator's role was assumed",
        "{($.eventSource=sts.amazonaws.com) && ($.eventName=AssumeRole) && "
        '($.requestParameters.roleArn="*-regulator-reader")}',
    ),
    Watch(
        "record-deletion",
        "LOG-2",
        "somebody deleted records, access logs or exports, or tried to",
        _deletions("landing", "archive", "replica", "exports", "access-logs"),
    ),
)
