"""ACM: certificates, and the wait until one is valid."""

from __future__ import annotations

from sandbox.twin.resource import ALL, Call, Read, Resource, Tagging

_CERTIFICATE = {"CertificateArn": "{id}"}
_PROOF = (
    "DomainValidationOptions[].{domainName: DomainName, resourceRecordName: ResourceRecord.Name,"
    " resourceRecordType: ResourceRecord.Type, resourceRecordValue: ResourceRecord.Value}"
)

CERTIFICATE = Resource(
    type="aws:acm/certificate:Certificate",
    service="acm",
    id="{result.CertificateArn}",
    create=Call("RequestCertificate", carries=ALL),
    read=(
        Read(
            "DescribeCertificate",
            _CERTIFICATE,
            at="Certificate",
            names={
                "domainValidationOptions": _PROOF,
                "validationMethod": "DomainValidationOptions[0].ValidationMethod",
            },
            # AWS repeats the name itself among the others, and names a key otherwise than it is asked for.
            leaves=("subjectAlternativeNames", "keyAlgorithm", "validationOptions"),
        ),
    ),
    computed={"arn": "{id}"},
    delete=(Call("DeleteCertificate", _CERTIFICATE),),
    tagging=Tagging(
        add=Call("AddTagsToCertificate", _CERTIFICATE),
        remove=Call("RemoveTagsFromCertificate", _CERTIFICATE),
        list=Read("ListTagsForCertificate", _CERTIFICATE, at="Tags"),
        keys="Tags",
    ),
)

VALIDATION = Resource(
    type="aws:acm/certificateValidation:CertificateValidation",
    service="acm",
    id="{certificateArn}",
    # Moto finds every certificate valid after a minute, whatever the zone says: nothing is waited for.
    read=(Read("DescribeCertificate", {"CertificateArn": "{certificateArn}"}, at="Certificate"),),
    names={"certificateArn": "CertificateArn"},
    only_here=("certificateArn", "validationRecordFqdns"),
    computed={"certificateArn": "{certificateArn}"},
    identity=("certificateArn",),
)

RESOURCES = (CERTIFICATE, VALIDATION)
