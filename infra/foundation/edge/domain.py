"""The name of the exchange: a zone of its own, a certificate for it, and where wanted its signature and its queries."""

from __future__ import annotations

from typing import Any, Final

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation import iam
from infra.foundation.key_policies import log_groups, owned
from infra.foundation.keys import DELETION_WINDOW_DAYS, customer_key
from infra.foundation.logs import log_group
from infra.settings import StackSettings
from infra.settings.edge import DNS_REGION

_TTL_SECONDS: Final = 300
_ISSUER: Final = "amazon.com"


class Domain(Component):
    """The zone of `domain`, delegated by its parent where that one is known; `certificate_arn` is of a valid one.

    Two things lie in us-east-1, for Route 53 takes them nowhere else: the key that signs, and the log of queries.
    """

    def __init__(
        self, name: str, settings: StackSettings, domain: str, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("foundation:Domain", name, settings, opts)
        self._domain = domain
        self.zone = aws.route53.Zone(
            self.child_name("zone"),
            name=domain,
            comment=f"{settings.prefix}: managed by Pulumi",
            force_destroy=not settings.keeps_records,
            tags=self.tags("zone"),
            opts=self.record_child(),
        )
        delegation = self._delegate(settings.parent_zone_id) if settings.parent_zone_id else None
        if settings.dns_query_logs:
            self._log_queries()
        if settings.dns_signing:
            self._sign()
        # No other authority may issue for this name: RFC 8659.
        self._record("caa", "CAA", [f'0 issue "{_ISSUER}"'])
        self.certificate_arn = self._certify(delegation)
        self.register_outputs({"zone_id": self.zone.zone_id, "certificate_arn": self.certificate_arn})

    def lead_to(self, balancer: aws.lb.LoadBalancer) -> None:
        """Let the name itself lead to a load balancer, while that one has somebody healthy behind it."""
        alias = aws.route53.RecordAliasArgs(
            name=balancer.dns_name, zone_id=balancer.zone_id, evaluate_target_health=True
        )
        aws.route53.Record(
            self.child_name("edge"),
            zone_id=self.zone.zone_id,
            name=self._domain,
            type="A",
            aliases=[alias],
            opts=self.child(),
        )

    def _record(self, part: str, type_: str, records: list[str]) -> None:
        aws.route53.Record(
            self.child_name(part),
            zone_id=self.zone.zone_id,
            name=self._domain,
            type=type_,
            ttl=_TTL_SECONDS,
            records=records,
            opts=self.child(),
        )

    def _delegate(self, parent_zone_id: str) -> aws.route53.Record:
        return aws.route53.Record(
            self.child_name("delegation"),
            zone_id=parent_zone_id,
            name=self._domain,
            type="NS",
            ttl=_TTL_SECONDS,
            records=self.zone.name_servers,
            opts=self.child(),
        )

    def _certify(self, delegation: pulumi.Resource | None) -> pulumi.Output[str]:
        """A certificate that renews itself as long as its record is there."""
        certificate = aws.acm.Certificate(
            self.child_name("certificate"),
            domain_name=self._domain,
            validation_method="DNS",
            tags=self.tags("certificate"),
            opts=self.child(),
        )
        asked = certificate.domain_validation_options.apply(lambda options: options[0])
        proof = aws.route53.Record(
            self.child_name("proof"),
            zone_id=self.zone.zone_id,
            name=asked.apply(lambda option: str(option.resource_record_name)),
            type=asked.apply(lambda option: str(option.resource_record_type)),
            ttl=_TTL_SECONDS,
            records=[asked.apply(lambda option: str(option.resource_record_value))],
            allow_overwrite=True,
            opts=self.child(),
        )
        valid = aws.acm.CertificateValidation(
            self.child_name("certificate"),
            certificate_arn=certificate.arn,
            validation_record_fqdns=[proof.fqdn],
            opts=self.child(depends_on=[delegation] if delegation else []),
        )
        return valid.certificate_arn

    def _log_queries(self) -> None:
        account, name = self.settings.account_id, f"/aws/route53/{self._domain}"
        policy = [*owned(iam.root_of(account), DNS_REGION, ()), log_groups(account, DNS_REGION)]
        key = customer_key(self, "queries", policy, alias="dns-queries", region=DNS_REGION)
        group = log_group(self, "queries", name, key.arn, region=DNS_REGION)
        write = iam.allow(
            "WriteQueries",
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            pulumi.Output.concat(group.arn, ":*"),
            principal=iam.service("route53.amazonaws.com"),
            condition={
                "StringEquals": {"aws:SourceAccount": account},
                "ArnLike": {"aws:SourceArn": self.zone.arn},
            },
        )
        allowed = aws.cloudwatch.LogResourcePolicy(
            self.child_name("queries"),
            policy_name=self.name_of("queries"),
            policy_document=iam.document(write),
            region=DNS_REGION,
            opts=self.child(),
        )
        aws.route53.QueryLog(
            self.child_name("queries"),
            zone_id=self.zone.zone_id,
            cloudwatch_log_group_arn=group.arn,
            opts=self.child(depends_on=[allowed]),
        )

    def _sign(self) -> None:
        """DNSSEC; the parent has the record DS of the output `edge_ds` put in by hand, by whoever keeps it."""
        account = self.settings.account_id
        key = aws.kms.Key(
            self.child_name("signature"),
            description=f"{self.settings.prefix}: dns-signature",
            customer_master_key_spec="ECC_NIST_P256",
            key_usage="SIGN_VERIFY",
            deletion_window_in_days=DELETION_WINDOW_DAYS,
            policy=iam.document(*owned(iam.root_of(account), DNS_REGION, ()), *_signing(account)),
            region=DNS_REGION,
            tags=self.tags("signature"),
            opts=self.record_child(),
        )
        signer = aws.route53.KeySigningKey(
            self.child_name("signature"),
            hosted_zone_id=self.zone.zone_id,
            key_management_service_arn=key.arn,
            name=self.settings.prefix.replace("-", "_"),
            opts=self.child(),
        )
        aws.route53.HostedZoneDnsSec(
            self.child_name("signature"), hosted_zone_id=self.zone.zone_id, opts=self.child(depends_on=[signer])
        )
        pulumi.export("edge_ds", signer.ds_record)


def _signing(account: str) -> list[iam.Statement]:
    """Route 53 signs with the key for zones of this account, and for no other's."""
    dns = iam.service("dnssec-route53.amazonaws.com")
    ours: dict[str, Any] = {
        "StringEquals": {"aws:SourceAccount": account},
        "ArnLike": {"aws:SourceArn": "arn:aws:route53:::hostedzone/*"},
    }
    grants = {**ours, "Bool": {"kms:GrantIsForAWSResource": "true"}}
    return [
        iam.allow("Sign", ["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign"], "*", principal=dns, condition=ours),
        iam.allow("Grant", ["kms:CreateGrant"], "*", principal=dns, condition=grants),
    ]
