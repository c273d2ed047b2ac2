"""What AWS would answer, made up: ids, ARNs and endpoints for planning, the same on every machine.

Each type says how its id is formed and which outputs it adds to its inputs. What is not synthesised here and is
needed by another resource stops the plan (see `PlanMonitor`), so nothing in a recorded plan is null by accident.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sandbox.plan.monitor import Registration

Outputs = Mapping[str, Any]
_DEFAULT_ACCOUNT: Final = "123456789012"
_DEFAULT_REGION: Final = "eu-west-1"
_ELSEWHERE: Final = {
    "pulumi:providers:aws::log-archive::": "valletta:log_archive_account_id",
    "pulumi:providers:aws::backup::": "valletta:backup_account_id",
}
"""What the reference to a provider of another account holds, and the setting that names the account."""


@dataclass(frozen=True)
class Place:
    """The account and region in which a plan's made-up resources lie."""

    account: str
    region: str

    @classmethod
    def of(cls, config: Mapping[str, str]) -> Place:
        """Where the settings say; a setting that is missing is the program's business to refuse."""
        return cls(config.get("valletta:account_id", _DEFAULT_ACCOUNT), config.get("valletta:region", _DEFAULT_REGION))

    def arn(self, service: str, resource: str) -> str:
        """A regional ARN."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


def hexadecimal(urn: str, digits: int = 17) -> str:
    """The part of a made-up id that tells one resource from another: digits of the URN's hash, without the stack.

    The same resource has the same id on each stack, so that plans of two stacks differ only where they differ.
    """
    place_free = urn.split("::", 2)[2]
    return hashlib.sha256(place_free.encode()).hexdigest()[:digits]


def token(urn: str) -> str:
    """A made-up UUID, in its usual form."""
    digits = hexadecimal(urn, 32)
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def synthesiser(config: Mapping[str, str]) -> Callable[[Registration], tuple[str, Outputs]]:
    """The handler of a plan, for a stack with these settings."""
    own = Place.of(config)
    elsewhere = {mark: replace(own, account=config.get(key, own.account)) for mark, key in _ELSEWHERE.items()}

    def synthesise(registration: Registration) -> tuple[str, Outputs]:
        if registration.type.startswith("kubernetes:"):
            return _kubernetes(registration)
        make = _TYPES.get(registration.type)
        if make is None:
            return f"{registration.name}-{hexadecimal(registration.urn)}", registration.inputs
        place = next((place for mark, place in elsewhere.items() if mark in registration.provider), own)
        id_, outputs = make(registration, replace(place, region=registration.inputs.get("region", place.region)))
        return id_, {**registration.inputs, **outputs}

    return synthesise


_Maker = Callable[[Registration, Place], tuple[str, Outputs]]


def _ec2(prefix: str, kind: str) -> _Maker:
    """Types of EC2: an id with a prefix, and an ARN that ends in it."""

    def make(registration: Registration, place: Place) -> tuple[str, Outputs]:
        id_ = f"{prefix}-{hexadecimal(registration.urn)}"
        return id_, {"arn": place.arn("ec2", f"{kind}/{id_}")}

    return make


def _named(key: str, arn: Callable[[str, Place], str]) -> _Maker:
    """Types whose id is their name, an input, with an ARN made of it."""

    def make(registration: Registration, place: Place) -> tuple[str, Outputs]:
        name = str(registration.inputs[key])
        return name, {"arn": arn(name, place)}

    return make


def _by_arn(key: str, arn: Callable[[str, Place], str], **more: object) -> _Maker:
    """Types whose id is their ARN."""

    def make(registration: Registration, place: Place) -> tuple[str, Outputs]:
        made = arn(str(registration.inputs[key]), place)
        return made, {"arn": made, **more}

    return make


def _launch_template(registration: Registration, place: Place) -> tuple[str, Outputs]:
    id_ = f"lt-{hexadecimal(registration.urn)}"
    return id_, {"arn": place.arn("ec2", f"launch-template/{id_}"), "latestVersion": 1, "defaultVersion": 1}


def _key(registration: Registration, place: Place) -> tuple[str, Outputs]:
    id_ = token(registration.urn)
    return id_, {"keyId": id_, "arn": place.arn("kms", f"key/{id_}")}


def _bucket(registration: Registration, place: Place) -> tuple[str, Outputs]:
    name = str(registration.inputs["bucket"])
    return name, {"arn": f"arn:aws:s3:::{name}", "bucketDomainName": f"{name}.s3.amazonaws.com", "region": place.region}


def _role(registration: Registration, place: Place) -> tuple[str, Outputs]:
    name = str(registration.inputs["name"])
    arn = f"arn:aws:iam::{place.account}:role/{name}"
    return name, {"arn": arn, "uniqueId": f"AROA{hexadecimal(registration.urn).upper()}"}


def _eks_cluster(registration: Registration, place: Place) -> tuple[str, Outputs]:
    name = str(registration.inputs["name"])
    authority = base64.b64encode(f"the made-up authority of {name}".encode()).decode()
    host = hexadecimal(registration.urn, 32).upper()
    network = {
        **registration.inputs["vpcConfig"],
        "clusterSecurityGroupId": f"sg-{hexadecimal(registration.urn)}",
        "vpcId": f"vpc-{hexadecimal(registration.urn)}",
    }
    return name, {
        "arn": place.arn("eks", f"cluster/{name}"),
        "endpoint": f"https://{host}.gr7.{place.region}.eks.amazonaws.com",
        "certificateAuthority": {"data": authority},
        "certificateAuthorities": [{"data": authority}],
        "vpcConfig": network,
        "status": "ACTIVE",
    }


def _node_group(registration: Registration, place: Place) -> tuple[str, Outputs]:
    inputs = registration.inputs
    suffix = hexadecimal(registration.urn, 26)
    name = f"{inputs['nodeGroupNamePrefix']}{suffix}"
    scaling = [{"name": f"eks-{name}-{token(registration.urn)}"}]
    arn = place.arn("eks", f"nodegroup/{inputs['clusterName']}/{name}/{token(registration.urn)}")
    id_ = f"{inputs['clusterName']}:{name}"
    return id_, {"arn": arn, "nodeGroupName": name, "resources": [{"autoscalingGroups": scaling}]}


def _msk_cluster(registration: Registration, place: Place) -> tuple[str, Outputs]:
    name = str(registration.inputs["clusterName"])
    arn = place.arn("kafka", f"cluster/{name}/{token(registration.urn)}-1")
    domain = f"{name}.{hexadecimal(registration.urn, 6)}.c1.kafka.{place.region}.amazonaws.com"
    brokers = range(1, int(registration.inputs["numberOfBrokerNodes"]) + 1)
    iam = ",".join(f"b-{number}.{domain}:9098" for number in brokers)
    tls = ",".join(f"b-{number}.{domain}:9094" for number in brokers)
    return arn, {"arn": arn, "bootstrapBrokersSaslIam": iam, "bootstrapBrokersTls": tls, "currentVersion": "K1"}


def _msk_configuration(registration: Registration, place: Place) -> tuple[str, Outputs]:
    arn = place.arn("kafka", f"configuration/{registration.inputs['name']}/{token(registration.urn)}-1")
    return arn, {"arn": arn, "latestRevision": 1}


def _database(registration: Registration, place: Place) -> tuple[str, Outputs]:
    identifier = str(registration.inputs["identifier"])
    address = f"{identifier}.c{hexadecimal(registration.urn, 11)}.{place.region}.rds.amazonaws.com"
    resource = f"db-{hexadecimal(registration.urn, 26).upper()}"
    secret = place.arn("secretsmanager", f"secret:rds!{resource.lower()}-{hexadecimal(registration.urn, 6)}")
    return resource, {
        "arn": place.arn("rds", f"db:{identifier}"),
        "resourceId": resource,
        "address": address,
        "port": 5432,
        "endpoint": f"{address}:5432",
        "masterUserSecrets": [
            {
                "secretArn": secret,
                "secretStatus": "active",
                "kmsKeyId": registration.inputs.get("masterUserSecretKmsKeyId", ""),
            }
        ],
    }


def _proxy(registration: Registration, place: Place) -> tuple[str, Outputs]:
    name = str(registration.inputs["name"])
    host = f"{name}.proxy-{hexadecimal(registration.urn, 12)}.{place.region}.rds.amazonaws.com"
    return name, {"arn": place.arn("rds", f"db-proxy:prx-{hexadecimal(registration.urn)}"), "endpoint": host}


def _secret(registration: Registration, place: Place) -> tuple[str, Outputs]:
    suffix = hexadecimal(registration.urn, 6)
    arn = place.arn("secretsmanager", f"secret:{registration.inputs['name']}-{suffix}")
    return arn, {"arn": arn}


def _repository(registration: Registration, place: Place) -> tuple[str, Outputs]:
    name = str(registration.inputs["name"])
    url = f"{place.account}.dkr.ecr.{place.region}.amazonaws.com/{name}"
    return name, {"arn": place.arn("ecr", f"repository/{name}"), "repositoryUrl": url, "registryId": place.account}


def _service_linked_role(registration: Registration, place: Place) -> tuple[str, Outputs]:
    service = str(registration.inputs["awsServiceName"])
    name = f"AWSServiceRoleFor{service.partition('.')[0].title()}"
    arn = f"arn:aws:iam::{place.account}:role/aws-service-role/{service}/{name}"
    return arn, {"arn": arn, "name": name}


def _detector(registration: Registration, place: Place) -> tuple[str, Outputs]:
    id_ = hexadecimal(registration.urn, 32)
    return id_, {"arn": place.arn("guardduty", f"detector/{id_}"), "accountId": place.account}


def _anomaly_monitor(registration: Registration, place: Place) -> tuple[str, Outputs]:
    arn = f"arn:aws:ce::{place.account}:anomalymonitor/{token(registration.urn)}"
    return arn, {"arn": arn}


def _scaling_target(registration: Registration, _: Place) -> tuple[str, Outputs]:
    return str(registration.inputs["resourceId"]), {}


def _balancer(registration: Registration, place: Place) -> tuple[str, Outputs]:
    name = str(registration.inputs["name"])
    arn = place.arn("elasticloadbalancing", f"loadbalancer/app/{name}/{hexadecimal(registration.urn, 16)}")
    dns = f"{name}-{int(hexadecimal(registration.urn, 8), 16)}.{place.region}.elb.amazonaws.com"
    return arn, {"arn": arn, "dnsName": dns, "zoneId": _zone_id(registration)}


def _target_group(registration: Registration, place: Place) -> tuple[str, Outputs]:
    name = str(registration.inputs["name"])
    arn = place.arn("elasticloadbalancing", f"targetgroup/{name}/{hexadecimal(registration.urn, 16)}")
    return arn, {"arn": arn}


def _certificate(registration: Registration, place: Place) -> tuple[str, Outputs]:
    domain, arn = registration.inputs["domainName"], place.arn("acm", f"certificate/{token(registration.urn)}")
    proof = {
        "domainName": domain,
        "resourceRecordName": f"_{hexadecimal(registration.urn, 32)}.{domain}.",
        "resourceRecordType": "CNAME",
        "resourceRecordValue": f"_{hexadecimal(registration.urn, 31)}.acm-validations.aws.",
    }
    return arn, {"arn": arn, "domainValidationOptions": [proof]}


def _zone(registration: Registration, _: Place) -> tuple[str, Outputs]:
    id_ = _zone_id(registration)
    servers = [f"ns-{number}.awsdns-{number:02}.{end}" for number, end in enumerate(("com", "net", "org", "co.uk"))]
    return id_, {"zoneId": id_, "arn": f"arn:aws:route53:::hostedzone/{id_}", "nameServers": servers}


def _zone_id(registration: Registration) -> str:
    return f"Z{hexadecimal(registration.urn, 20).upper()}"


def _record(registration: Registration, _: Place) -> tuple[str, Outputs]:
    zone, name, type_ = (str(registration.inputs[key]) for key in ("zoneId", "name", "type"))
    return f"{zone}_{name}_{type_}", {"fqdn": name.rstrip(".")}


def _signing_key(registration: Registration, _: Place) -> tuple[str, Outputs]:
    digest = hexadecimal(registration.urn, 64).upper()
    return f"{registration.inputs['hostedZoneId']},{registration.inputs['name']}", {"dsRecord": f"12345 13 2 {digest}"}


def _web_acl(registration: Registration, place: Place) -> tuple[str, Outputs]:
    id_ = token(registration.urn)
    return id_, {"arn": place.arn("wafv2", f"regional/webacl/{registration.inputs['name']}/{id_}")}


def _workspace(registration: Registration, place: Place) -> tuple[str, Outputs]:
    id_ = f"ws-{token(registration.urn)}"
    endpoint = f"https://aps-workspaces.{place.region}.amazonaws.com/workspaces/{id_}/"
    return id_, {"arn": place.arn("aps", f"workspace/{id_}"), "prometheusEndpoint": endpoint}


def _identity_provider(registration: Registration, place: Place) -> tuple[str, Outputs]:
    issuer = str(registration.inputs["url"]).removeprefix("https://")
    arn = f"arn:aws:iam::{place.account}:oidc-provider/{issuer}"
    return arn, {"arn": arn}


def _kubernetes(registration: Registration) -> tuple[str, Outputs]:
    """The object itself; its id is namespace and name, as the real provider gives it."""
    metadata = registration.inputs.get("metadata", {})
    namespace = metadata.get("namespace")
    name = metadata.get("name", registration.name)
    return f"{namespace}/{name}" if namespace else str(name), registration.inputs


_TYPES: Final[Mapping[str, _Maker]] = {
    "aws:amp/workspace:Workspace": _workspace,
    "aws:acm/certificate:Certificate": _certificate,
    "aws:lb/loadBalancer:LoadBalancer": _balancer,
    "aws:lb/targetGroup:TargetGroup": _target_group,
    "aws:route53/keySigningKey:KeySigningKey": _signing_key,
    "aws:route53/record:Record": _record,
    "aws:route53/zone:Zone": _zone,
    "aws:wafv2/webAcl:WebAcl": _web_acl,
    "aws:appautoscaling/target:Target": _scaling_target,
    "aws:backup/vault:Vault": _named("name", lambda name, place: place.arn("backup", f"backup-vault:{name}")),
    "aws:cloudtrail/trail:Trail": _by_arn("name", lambda name, place: place.arn("cloudtrail", f"trail/{name}")),
    "aws:codebuild/project:Project": _named("name", lambda name, place: place.arn("codebuild", f"project/{name}")),
    "aws:cloudwatch/logGroup:LogGroup": _named("name", lambda name, place: place.arn("logs", f"log-group:{name}")),
    "aws:costexplorer/anomalyMonitor:AnomalyMonitor": _anomaly_monitor,
    "aws:ec2/eip:Eip": _ec2("eipalloc", "elastic-ip"),
    "aws:ec2/flowLog:FlowLog": _ec2("fl", "vpc-flow-log"),
    "aws:ec2/internetGateway:InternetGateway": _ec2("igw", "internet-gateway"),
    "aws:ec2/launchTemplate:LaunchTemplate": _launch_template,
    "aws:ec2/natGateway:NatGateway": _ec2("nat", "natgateway"),
    "aws:ec2/routeTable:RouteTable": _ec2("rtb", "route-table"),
    "aws:ec2/securityGroup:SecurityGroup": _ec2("sg", "security-group"),
    "aws:ec2/subnet:Subnet": _ec2("subnet", "subnet"),
    "aws:ec2/vpc:Vpc": _ec2("vpc", "vpc"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _ec2("vpce", "vpc-endpoint"),
    "aws:ecr/repository:Repository": _repository,
    "aws:eks/cluster:Cluster": _eks_cluster,
    "aws:eks/nodeGroup:NodeGroup": _node_group,
    "aws:guardduty/detector:Detector": _detector,
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": _identity_provider,
    "aws:iam/role:Role": _role,
    "aws:iam/serviceLinkedRole:ServiceLinkedRole": _service_linked_role,
    "aws:kms/key:Key": _key,
    "aws:msk/cluster:Cluster": _msk_cluster,
    "aws:msk/configuration:Configuration": _msk_configuration,
    "aws:rds/instance:Instance": _database,
    "aws:rds/proxy:Proxy": _proxy,
    "aws:rds/parameterGroup:ParameterGroup": _named("name", lambda name, place: place.arn("rds", f"pg:{name}")),
    "aws:rds/subnetGroup:SubnetGroup": _named("name", lambda name, place: place.arn("rds", f"subgrp:{name}")),
    "aws:s3/bucket:Bucket": _bucket,
    "aws:secretsmanager/secret:Secret": _secret,
    "aws:sns/topic:Topic": _by_arn("name", lambda name, place: place.arn("sns", name)),
}
"""Types that others take outputs from; of the rest only the id matters."""
