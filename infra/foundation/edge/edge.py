"""The way in from the Internet: one load balancer, one port, and behind it one port of the nodes."""

from __future__ import annotations

from typing import Final

import pulumi
import pulumi_aws as aws

from infra.cidr import Tier
from infra.component import Component
from infra.foundation.cluster.cluster import Cluster
from infra.foundation.edge.domain import Domain
from infra.foundation.edge.edge_port import EDGE_NODE_PORT
from infra.foundation.edge.firewall import Firewall
from infra.foundation.keys import Keys
from infra.foundation.network.doors import WORLD, let_in, let_out
from infra.foundation.network.network import Network
from infra.foundation.records.accesslogs import BALANCERS, AccessLogs
from infra.settings import StackSettings

HTTPS: Final = 443
TLS_POLICY: Final = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
"""TLS 1.3 and 1.2, forward secrecy and authenticated ciphers only, and a key exchange for after quantum computers."""
READY_PATH: Final = "/readyz"
HSTS: Final = "max-age=63072000; includeSubDomains"
_IDLE_SECONDS: Final = 120
_LEAVING_SECONDS: Final = 60
"""A node that leaves finishes what it has: longer than any request, and than the gateway's own drain."""
_WARMING_SECONDS: Final = 30


class Edge(Component):
    """Name, firewall and load balancer. Only HTTPS is open: nothing listens on port 80, not even to lead on (NET-2).

    A browser asks for HTTPS by itself, by HSTS and by habit; a client of the API that asks for plain HTTP would have
    sent its key in the open by the time it is led on.
    """

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        domain: str,
        *,
        network: Network,
        keys: Keys,
        cluster: Cluster,
        access_logs: AccessLogs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("foundation:Edge", name, settings, opts)
        self._network, self._cluster = network, cluster
        within = pulumi.ResourceOptions(parent=self)
        self.domain = Domain(self.child_name("domain"), settings, domain, within)
        firewall = Firewall(self.child_name("firewall"), settings, keys, within)
        self._open_subnets()
        self.balancer = balancer = self._balance(self._group(), access_logs)
        self.target_group = self._target()
        self._listen(balancer)
        self._reach_nodes()
        firewall.guard(balancer)
        self.domain.lead_to(balancer)
        self.register_outputs({"url": f"https://{domain}", "target_group_arn": self.target_group.arn})

    def export(self) -> None:
        """What somebody outside the stack needs: where the name is kept, and who keeps it."""
        pulumi.export("edge_name_servers", self.domain.zone.name_servers)
        pulumi.export("edge_zone", self.domain.zone.zone_id)

    def _open_subnets(self) -> None:
        """The account lets nobody in from the Internet (NET-2); the subnets of the load balancer are excepted."""
        for zone, subnet_id in zip(
            self.settings.availability_zones, self._network.subnet_ids(Tier.PUBLIC), strict=True
        ):
            aws.ec2.VpcBlockPublicAccessExclusion(
                self.child_name(zone),
                subnet_id=subnet_id,
                internet_gateway_exclusion_mode="allow-bidirectional",
                tags=self.tags(zone),
                opts=self.child(),
            )

    def _group(self) -> aws.ec2.SecurityGroup:
        """HTTPS from anywhere, and on to the nodes' one port, and nowhere else."""
        group = aws.ec2.SecurityGroup(
            self.child_name("balancer"),
            name=self.name_of("balancer"),
            description="The load balancer: HTTPS from anywhere",
            vpc_id=self._network.vpc.id,
            tags=self.tags("balancer"),
            opts=self.child(),
        )
        nodes = self._cluster.security_group_id
        let_in(self, "https", group.id, HTTPS, WORLD, description="HTTPS from anywhere")
        let_out(self, "to-nodes", group.id, EDGE_NODE_PORT, nodes, description="To the gateway's port of the nodes")
        let_in(
            self,
            "from-balancer",
            nodes,
            EDGE_NODE_PORT,
            group.id,
            description="The gateway's port, from the load balancer",
        )
        return group

    def _balance(self, group: aws.ec2.SecurityGroup, logs: AccessLogs) -> aws.lb.LoadBalancer:
        return aws.lb.LoadBalancer(
            self.child_name("balancer"),
            name=f"{self.settings.prefix}-edge",
            load_balancer_type="application",
            internal=False,
            subnets=self._network.subnet_ids(Tier.PUBLIC),
            security_groups=[group.id],
            drop_invalid_header_fields=True,
            desync_mitigation_mode="strictest",
            preserve_host_header=True,
            xff_header_processing_mode="append",
            enable_deletion_protection=self.settings.keeps_records,
            enable_waf_fail_open=False,
            enable_zonal_shift=True,
            idle_timeout=_IDLE_SECONDS,
            access_logs=aws.lb.LoadBalancerAccessLogsArgs(bucket=logs.bucket_name, prefix=BALANCERS, enabled=True),
            connection_logs=aws.lb.LoadBalancerConnectionLogsArgs(
                bucket=logs.bucket_name, prefix=BALANCERS, enabled=True
            ),
            tags=self.tags("balancer"),
            opts=self.child(depends_on=[logs.ready]),
        )

    def _target(self) -> aws.lb.TargetGroup:
        """Every node, on the gateway's port: Kubernetes finds the pod, so a pod that stops takes no target away."""
        return aws.lb.TargetGroup(
            self.child_name("gateway"),
            name=f"{self.settings.prefix}-gateway",
            vpc_id=self._network.vpc.id,
            target_type="instance",
            protocol="HTTP",
            port=EDGE_NODE_PORT,
            deregistration_delay=_LEAVING_SECONDS,
            slow_start=_WARMING_SECONDS,
            health_check=aws.lb.TargetGroupHealthCheckArgs(
                path=READY_PATH,
                protocol="HTTP",
                matcher="200",
                interval=5,
                timeout=2,
                healthy_threshold=2,
                unhealthy_threshold=2,
            ),
            tags=self.tags("gateway"),
            opts=self.child(),
        )

    def _listen(self, balancer: aws.lb.LoadBalancer) -> None:
        aws.lb.Listener(
            self.child_name("https"),
            load_balancer_arn=balancer.arn,
            protocol="HTTPS",
            port=HTTPS,
            ssl_policy=TLS_POLICY,
            certificate_arn=self.domain.certificate_arn,
            routing_http_response_strict_transport_security_header_value=HSTS,
            routing_http_response_server_enabled=False,
            default_actions=[aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=self.target_group.arn)],
            tags=self.tags("https"),
            opts=self.child(),
        )

    def _reach_nodes(self) -> None:
        """Every node of the managed group is a target as long as it lives. In Auto Mode the workloads bind them."""
        nodes = self._cluster.nodes
        if nodes is None:
            return
        group = nodes.resources.apply(lambda resources: str((resources[0].autoscaling_groups or [])[0].name))
        aws.autoscaling.Attachment(
            self.child_name("nodes"),
            autoscaling_group_name=group,
            lb_target_group_arn=self.target_group.arn,
            opts=self.child(),
        )
