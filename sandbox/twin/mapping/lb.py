"""Elastic Load Balancing: load balancers, what they listen on, and what they lead to."""

from __future__ import annotations

from typing import Final

from sandbox.twin.attributes import heads, readings, setter
from sandbox.twin.resource import ALL, Adjust, Call, Read, Resource, Tagging

_TAGGING = Tagging(
    add=Call("AddTags", {"ResourceArns": ["{id}"]}),
    remove=Call("RemoveTags", {"ResourceArns": ["{id}"]}),
    list=Read("DescribeTags", {"ResourceArns": ["{id}"]}, at="TagDescriptions[0].Tags"),
)

_BALANCER: Final = {"LoadBalancerArn": "{id}"}
_OF_BALANCER: Final = {
    "accessLogs.bucket": "access_logs.s3.bucket",
    "accessLogs.prefix": "access_logs.s3.prefix",
    "accessLogs.enabled": "access_logs.s3.enabled",
    "connectionLogs.bucket": "connection_logs.s3.bucket",
    "connectionLogs.prefix": "connection_logs.s3.prefix",
    "connectionLogs.enabled": "connection_logs.s3.enabled",
    "desyncMitigationMode": "routing.http.desync_mitigation_mode",
    "dropInvalidHeaderFields": "routing.http.drop_invalid_header_fields.enabled",
    "enableDeletionProtection": "deletion_protection.enabled",
    "enableWafFailOpen": "waf.fail_open.enabled",
    "enableZonalShift": "zonal_shift.config.enabled",
    "idleTimeout": "idle_timeout.timeout_seconds",
    "preserveHostHeader": "routing.http.preserve_host_header.enabled",
    "xffHeaderProcessingMode": "routing.http.xff_header_processing.mode",
}

BALANCER = Resource(
    type="aws:lb/loadBalancer:LoadBalancer",
    service="elbv2",
    id="{result.LoadBalancers[0].LoadBalancerArn}",
    create=Call("CreateLoadBalancer", {"Scheme": "=internal && 'internal' || 'internet-facing'"}, carries=ALL),
    names={"loadBalancerType": "Type", "internal": ""},
    settings=(Adjust(setter("modify_load_balancer_attributes", "LoadBalancerArn", _OF_BALANCER), heads(_OF_BALANCER)),),
    read=(
        Read(
            "DescribeLoadBalancers",
            {"LoadBalancerArns": ["{id}"]},
            at="LoadBalancers[0]",
            names={
                "subnets": "AvailabilityZones[].SubnetId",
                "internal": "Scheme=='internal'",
                "zoneId": "CanonicalHostedZoneId",
                "dnsName": "DNSName",
            },
            leaves=("subnetMappings", "ipamPools"),
        ),
        Read("DescribeLoadBalancerAttributes", _BALANCER, takes=(), names=readings(_OF_BALANCER)),
    ),
    updates=(
        Call("SetSecurityGroups", _BALANCER, carries=("securityGroups",)),
        Call("SetSubnets", _BALANCER, carries=("subnets",)),
    ),
    computed={"arn": "{id}"},
    delete=(Call("DeleteLoadBalancer", _BALANCER),),
    autoname="name",
    longest_name=32,
    identity=("name",),
    defaults={"enableDeletionProtection": False, "internal": False, "loadBalancerType": "application"},
    tagging=_TAGGING,
)

_GROUP: Final = {"TargetGroupArn": "{id}"}
_OF_GROUP: Final = {
    "deregistrationDelay": "deregistration_delay.timeout_seconds",
    "loadBalancingAlgorithmType": "load_balancing.algorithm.type",
    "slowStart": "slow_start.duration_seconds",
}
_HEALTH: Final = {
    "enabled": "HealthCheckEnabled",
    "healthyThreshold": "HealthyThresholdCount",
    "interval": "HealthCheckIntervalSeconds",
    "matcher": "Matcher.HttpCode",
    "path": "HealthCheckPath",
    "port": "HealthCheckPort",
    "protocol": "HealthCheckProtocol",
    "timeout": "HealthCheckTimeoutSeconds",
    "unhealthyThreshold": "UnhealthyThresholdCount",
}
_HEALTH_MEMBERS: Final = {
    "HealthCheckEnabled": "{healthCheck.enabled}",
    "HealthCheckIntervalSeconds": "{healthCheck.interval}",
    "HealthCheckPath": "{healthCheck.path}",
    "HealthCheckPort": "{healthCheck.port}",
    "HealthCheckProtocol": "{healthCheck.protocol}",
    "HealthCheckTimeoutSeconds": "{healthCheck.timeout}",
    "HealthyThresholdCount": "{healthCheck.healthyThreshold}",
    "Matcher": "=healthCheck.matcher && {HttpCode: healthCheck.matcher}",
    "UnhealthyThresholdCount": "{healthCheck.unhealthyThreshold}",
}

TARGET_GROUP = Resource(
    type="aws:lb/targetGroup:TargetGroup",
    service="elbv2",
    id="{result.TargetGroups[0].TargetGroupArn}",
    create=Call("CreateTargetGroup", _HEALTH_MEMBERS, carries=ALL),
    names={"healthCheck": ""},
    settings=(Adjust(setter("modify_target_group_attributes", "TargetGroupArn", _OF_GROUP), heads(_OF_GROUP)),),
    read=(
        Read(
            "DescribeTargetGroups",
            {"TargetGroupArns": ["{id}"]},
            at="TargetGroups[0]",
            names={
                "healthCheck": f"{{{', '.join(f'{name}: {member}' for name, member in _HEALTH.items())}}}",
            },
        ),
        Read("DescribeTargetGroupAttributes", _GROUP, takes=(), names=readings(_OF_GROUP)),
    ),
    updates=(Call("ModifyTargetGroup", {**_GROUP, **_HEALTH_MEMBERS}, carries=("healthCheck",)),),
    computed={"arn": "{id}"},
    delete=(Call("DeleteTargetGroup", _GROUP),),
    autoname="name",
    longest_name=32,
    identity=("name",),
    tagging=_TAGGING,
)

_LISTENER: Final = {"ListenerArn": "{id}"}
_OF_LISTENER: Final = {
    "routingHttpResponseServerEnabled": "routing.http.response.server.enabled",
    "routingHttpResponseStrictTransportSecurityHeaderValue": (
        "routing.http.response.strict_transport_security.header_value"
    ),
}

LISTENER = Resource(
    type="aws:lb/listener:Listener",
    service="elbv2",
    id="{result.Listeners[0].ListenerArn}",
    create=Call(
        "CreateListener", {"Certificates": "=certificateArn && [{CertificateArn: certificateArn}]"}, carries=ALL
    ),
    names={"certificateArn": ""},
    settings=(Adjust(setter("modify_listener_attributes", "ListenerArn", _OF_LISTENER), heads(_OF_LISTENER)),),
    read=(
        Read(
            "DescribeListeners",
            {"ListenerArns": ["{id}"]},
            at="Listeners[0]",
            names={"certificateArn": "Certificates[0].CertificateArn"},
        ),
        Read("DescribeListenerAttributes", _LISTENER, takes=(), names=readings(_OF_LISTENER)),
    ),
    updates=(
        Call(
            "ModifyListener",
            {**_LISTENER, "Certificates": "=certificateArn && [{CertificateArn: certificateArn}]"},
            carries=("certificateArn", "defaultActions", "port", "protocol", "sslPolicy"),
        ),
    ),
    computed={"arn": "{id}"},
    delete=(Call("DeleteListener", _LISTENER),),
    identity=("loadBalancerArn", "port"),
    tagging=_TAGGING,
)

RESOURCES = (BALANCER, TARGET_GROUP, LISTENER)
