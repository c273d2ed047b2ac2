"""GuardDuty: the detector, what it looks at, and where its findings go."""

from __future__ import annotations

from sandbox.twin.resource import ALL, Call, Read, Resource, Tagging

_DETECTOR = {"DetectorId": "{detectorId}"}

DETECTOR = Resource(
    type="aws:guardduty/detector:Detector",
    service="guardduty",
    id="{result.DetectorId}",
    create=Call("CreateDetector", carries=ALL),
    # What `datasources` once told, the features tell.
    read=(
        Read("GetDetector", {"DetectorId": "{id}"}, names={"enable": "Status == 'ENABLED'"}, leaves=("datasources",)),
    ),
    updates=(Call("UpdateDetector", {"DetectorId": "{id}"}, carries=("enable", "findingPublishingFrequency")),),
    computed={"arn": "arn:{partition}:guardduty:{region}:{account}:detector/{id}", "accountId": "{account}"},
    delete=(Call("DeleteDetector", {"DetectorId": "{id}"}),),
    gone=("BadRequestException",),
    identity=("region",),
    defaults={"enable": True, "findingPublishingFrequency": "SIX_HOURS"},
    # Moto takes a detector's tags at its creation only.
    dropped=("tags",),
)

FEATURE = Resource(
    type="aws:guardduty/detectorFeature:DetectorFeature",
    service="guardduty",
    id="{detectorId}/{name}",
    settings=(
        Call(
            "UpdateDetector",
            {
                **_DETECTOR,
                "Features": "=[{Name: name, Status: status, "
                "AdditionalConfiguration: additionalConfigurations[].{Name: name, Status: status}}]",
            },
            carries=("status", "additionalConfigurations"),
        ),
    ),
    read=(
        Read(
            "GetDetector",
            _DETECTOR,
            at="Features[?Name=='{name}'] | [0]",
            names={"additionalConfigurations": "AdditionalConfiguration[].{name: Name, status: Status}"},
        ),
    ),
    computed={"detectorId": "{detectorId}"},
    gone=("BadRequestException",),
    identity=("detectorId", "name"),
)

_DESTINATION_ARN = "arn:{partition}:guardduty:{region}:{account}:detector/{detectorId}/publishingDestination/{id}"
PUBLISHING_DESTINATION = Resource(
    type="aws:guardduty/publishingDestination:PublishingDestination",
    service="guardduty",
    id="{detectorId}:{destinationArn}",
    create=Call(
        "CreatePublishingDestination",
        {
            **_DETECTOR,
            "DestinationType": "=destinationType || 'S3'",
            "DestinationProperties": {"DestinationArn": "{destinationArn}", "KmsKeyArn": "{kmsKeyArn}"},
        },
    ),
    read=(Read("DescribePublishingDestination", {**_DETECTOR, "DestinationId": "{id}"}),),
    updates=(
        Call(
            "UpdatePublishingDestination",
            {
                **_DETECTOR,
                "DestinationId": "{id}",
                "DestinationProperties": {"DestinationArn": "{destinationArn}", "KmsKeyArn": "{kmsKeyArn}"},
            },
            carries=("destinationArn", "kmsKeyArn"),
        ),
    ),
    delete=(Call("DeletePublishingDestination", {**_DETECTOR, "DestinationId": "{id}"}),),
    identity=("detectorId",),
    tagging=Tagging(
        add=Call("TagResource", {"ResourceArn": _DESTINATION_ARN}),
        remove=Call("UntagResource", {"ResourceArn": _DESTINATION_ARN}),
        style="map",
    ),
    lacking=True,
)

ADMINISTRATOR = Resource(
    type="aws:guardduty/organizationAdminAccount:OrganizationAdminAccount",
    service="guardduty",
    id="{adminAccountId}",
    create=Call("EnableOrganizationAdminAccount", carries=ALL),
    read=(Read("ListOrganizationAdminAccounts"),),
    delete=(Call("DisableOrganizationAdminAccount", {"AdminAccountId": "{adminAccountId}"}),),
    identity=("region",),
    # Moto delegates and cannot take it back.
    lacking=True,
)

RESOURCES = (DETECTOR, FEATURE, PUBLISHING_DESTINATION, ADMINISTRATOR)
