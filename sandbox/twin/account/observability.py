"""What evidence on this account cannot show: the AWS features that moto lacks or drops.

An evidence collector must report these as not observable, never as passed. Any other operation that moto lacks answers
501 `NotImplemented`, which means the same.
"""

from __future__ import annotations

from typing import Any

from sandbox.twin import mapping

SILENT_OPERATIONS = (
    "backup:GetBackupSelection",
    "backup:GetBackupVaultAccessPolicy",
    "backup:GetBackupVaultNotifications",
    "backup:GetRestoreTestingPlan",
    "backup:GetRestoreTestingSelection",
    "backup:ListBackupJobs",
    "backup:ListBackupSelections",
    "backup:ListCopyJobs",
    "backup:ListRecoveryPointsByBackupVault",
    "backup:ListProtectedResources",
    "backup:ListRestoreJobs",
    "backup:ListRestoreTestingPlans",
    "backup:ListRestoreTestingSelections",
    "cloudtrail:GetTrailStatus.LatestDeliveryError",
    "cloudwatch:DescribeAlarmHistory",
    "cloudwatch:DescribeAlarms.StateValue",
    "iam:GetAccountSummary.AccountMFAEnabled",
    "sns:ListSubscriptionsByTopic.SubscriptionArn",
    "ec2:DescribeFlowLogs.DeliverLogsStatus",
    "ec2:GetSnapshotBlockPublicAccessState",
    "ec2:GetInstanceMetadataDefaults",
    "ec2:DescribeVpcBlockPublicAccessOptions",
    "codebuild:BatchGetProjects",
    "codebuild:ListProjects",
    "ec2:DescribeVpcBlockPublicAccessExclusions",
    "eks:DescribeAccessEntry",
    "eks:DescribeAddon",
    "eks:DescribePodIdentityAssociation",
    "eks:ListAccessEntries",
    "eks:ListAddons",
    "eks:ListAssociatedAccessPolicies",
    "eks:ListPodIdentityAssociations",
    "kafka:DescribeConfiguration",
    "kafka:DescribeConfigurationRevision",
    "kafka:GetBootstrapBrokers",
    "kafka:ListConfigurations",
    "kafka:ListTopics",
    "securityhub:DescribeStandards",
    "securityhub:GetEnabledStandards",
    "accessanalyzer:ListAnalyzers",
    "budgets:DescribeSubscribersForNotification",
    "budgets:ListTagsForResource",
    "ce:GetAnomalyMonitors",
    "ce:GetAnomalySubscriptions",
    "ce:ListCostAllocationTags",
    "config:DescribeConfigurationRecorders.recordingMode",
    "ec2:GetEbsDefaultKmsKeyId",
    "ec2:GetImageBlockPublicAccessState",
    "guardduty:ListPublishingDestinations",
    "guardduty:ListOrganizationAdminAccounts",
    "securityhub:ListOrganizationAdminAccounts",
)
"""Operations (and fields of answers) whose answers say nothing of the account, each as `service:Operation`."""


def report(*, kubernetes: bool) -> dict[str, Any]:
    """The document behind `GET /valletta/observability`: Pulumi types, their properties (dotted paths), operations.

    :param kubernetes: whether a Kubernetes API serves the cluster's objects.
    """
    resources = mapping.registry().values()
    unserved = [] if kubernetes else ["kubernetes:*"]
    return {
        "types": sorted([resource.type for resource in resources if resource.lacking] + unserved),
        "properties": {resource.type: list(resource.dropped) for resource in resources if resource.dropped},
        "operations": sorted(SILENT_OPERATIONS),
    }
