"""Security Hub: the hub, the standards by which it measures, and who administers it."""

from __future__ import annotations

from sandbox.twin.resource import ALL, Call, Read, Resource

ACCOUNT = Resource(
    type="aws:securityhub/account:Account",
    service="securityhub",
    id="{account}",
    create=Call("EnableSecurityHub", carries=("enableDefaultStandards", "controlFindingGenerator")),
    settings=(
        # What moto's hub is anyway needs no request, and moto has none.
        Call("UpdateSecurityHubConfiguration", carries=("autoEnableControls",), when="autoEnableControls == `false`"),
    ),
    read=(Read("DescribeHub", names={"arn": "HubArn"}),),
    updates=(Call("UpdateSecurityHubConfiguration", carries=("controlFindingGenerator",)),),
    delete=(Call("DisableSecurityHub"),),
    gone=("InvalidAccessException",),
    identity=("region",),
    write_only=("enableDefaultStandards",),
    defaults={"autoEnableControls": True, "controlFindingGenerator": "SECURITY_CONTROL"},
)

STANDARD = Resource(
    type="aws:securityhub/standardsSubscription:StandardsSubscription",
    service="securityhub",
    id="{standardsArn}",
    create=Call("BatchEnableStandards", {"StandardsSubscriptionRequests": [{"StandardsArn": "{standardsArn}"}]}),
    read=(Read("GetEnabledStandards", {"StandardsSubscriptionArns": ["{id}"]}),),
    delete=(Call("BatchDisableStandards", {"StandardsSubscriptionArns": ["{id}"]}),),
    identity=("standardsArn",),
    lacking=True,
)

ADMINISTRATOR = Resource(
    type="aws:securityhub/organizationAdminAccount:OrganizationAdminAccount",
    service="securityhub",
    id="{adminAccountId}",
    create=Call("EnableOrganizationAdminAccount", carries=ALL),
    read=(Read("ListOrganizationAdminAccounts"),),
    delete=(Call("DisableOrganizationAdminAccount", {"AdminAccountId": "{adminAccountId}"}),),
    identity=("region",),
    # Moto delegates and cannot take it back.
    lacking=True,
)

RESOURCES = (ACCOUNT, STANDARD, ADMINISTRATOR)
