"""What looks at the account all the time: Config, GuardDuty, Security Hub and Access Analyzer."""

from __future__ import annotations

import json
from typing import Final

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation.keys import Keys, Purpose
from infra.foundation.records.archive import FINDINGS, Archive
from infra.foundation.watching.recorded_rules import Rule, rules
from infra.settings import StackSettings

STANDARDS: Final = (
    "aws-foundational-security-best-practices/v/1.0.0",
    "cis-aws-foundations-benchmark/v/5.0.0",
)
"""The standards that Security Hub measures the account by, as their ARNs end."""

FEATURES: Final = ("S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS")
"""What GuardDuty looks at beside the trail, the flow logs and the names that are resolved."""

AGENTS: Final = ("EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT")
"""What GuardDuty's runtime monitoring may keep an agent on by itself; we run EKS alone."""

UNUSED_DAYS: Final = 90
"""After so many days without use Access Analyzer reports a right."""


class Detection(Component):
    """The recorder, the detector, the hub and the analyzers of the account, or of the organisation where it has one.

    Account-wide things of which AWS allows one a region: only the stack that owns the account's baseline has them.
    """

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        keys: Keys,
        archive: Archive,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("foundation:Detection", name, settings, opts)
        recording = self._record(keys, archive)
        for rule in rules(settings, archive.locked.name, archive.landing.name):
            self._check(rule, recording)
        detector = self._detect(keys, archive)
        hub = self._measure(recording)
        self._analyze()
        if settings.security_account_id:
            self._delegate(settings.security_account_id, detector, hub)
        self.register_outputs({"detector_id": detector.id})

    def _record(self, keys: Keys, archive: Archive) -> aws.cfg.RecorderStatus:
        """Every change of every resource, the global ones too, into the landing bucket: control LOG-1.

        The service-linked role is what Security Hub's Config.1 asks for. Where an account has it already, it is
        imported once: `pulumi import aws:iam/serviceLinkedRole:ServiceLinkedRole detection-config <its ARN>`.
        """
        role = aws.iam.ServiceLinkedRole(
            self.child_name("config"),
            aws_service_name="config.amazonaws.com",
            tags=self.tags("config"),
            opts=self.record_child(),
        )
        recorder = aws.cfg.Recorder(
            self.child_name("recorder"),
            name=self.settings.prefix,
            role_arn=role.arn,
            recording_group=aws.cfg.RecorderRecordingGroupArgs(all_supported=True, include_global_resource_types=True),
            recording_mode=aws.cfg.RecorderRecordingModeArgs(recording_frequency="CONTINUOUS"),
            opts=self.record_child(),
        )
        channel = aws.cfg.DeliveryChannel(
            self.child_name("recorder"),
            name=self.settings.prefix,
            s3_bucket_name=archive.landing.bucket.id,
            s3_kms_key_arn=keys.arn(Purpose.LANDING),
            snapshot_delivery_properties=aws.cfg.DeliveryChannelSnapshotDeliveryPropertiesArgs(
                delivery_frequency="TwentyFour_Hours"
            ),
            opts=self.record_child(depends_on=[recorder, archive.ready]),
        )
        return aws.cfg.RecorderStatus(
            self.child_name("recorder"),
            name=recorder.name,
            is_enabled=True,
            opts=self.record_child(depends_on=[channel]),
        )

    def _check(self, rule: Rule, recording: pulumi.Resource) -> None:
        part = rule.identifier.lower().replace("_", "-")
        one = rule.bucket and aws.cfg.RuleScopeArgs(
            compliance_resource_types=["AWS::S3::Bucket"], compliance_resource_id=rule.bucket
        )
        aws.cfg.Rule(
            self.child_name(part),
            name=f"{self.settings.prefix}-{part}",
            description=f"{', '.join(rule.controls)}: {rule.asks}",
            source=aws.cfg.RuleSourceArgs(owner="AWS", source_identifier=rule.identifier),
            input_parameters=json.dumps(dict(rule.parameters), sort_keys=True) if rule.parameters else None,
            scope=one or None,
            tags=self.tags(part),
            opts=self.child(depends_on=[recording]),
        )

    def _detect(self, keys: Keys, archive: Archive) -> aws.guardduty.Detector:
        """Threats, from six sources, exported for the auditor: what GuardDuty keeps for 90 days only."""
        detector = aws.guardduty.Detector(
            self.child_name("detector"),
            enable=True,
            finding_publishing_frequency="FIFTEEN_MINUTES",
            tags=self.tags("detector"),
            opts=self.record_child(),
        )
        for feature in FEATURES:
            aws.guardduty.DetectorFeature(
                self.child_name(feature.lower().replace("_", "-")),
                detector_id=detector.id,
                name=feature,
                status="ENABLED",
                opts=self.child(),
            )
        agent = aws.guardduty.DetectorFeatureAdditionalConfigurationArgs
        aws.guardduty.DetectorFeature(
            self.child_name("runtime-monitoring"),
            detector_id=detector.id,
            name="RUNTIME_MONITORING",
            status="ENABLED",
            additional_configurations=[
                agent(name=each, status="ENABLED" if each == "EKS_ADDON_MANAGEMENT" else "DISABLED") for each in AGENTS
            ],
            opts=self.child(),
        )
        aws.guardduty.PublishingDestination(
            self.child_name("findings"),
            detector_id=detector.id,
            destination_arn=f"{archive.landing.arn}/{FINDINGS}",
            kms_key_arn=keys.arn(Purpose.LANDING),
            tags=self.tags("findings"),
            opts=self.child(depends_on=[archive.ready]),
        )
        return detector

    def _measure(self, recording: pulumi.Resource) -> aws.securityhub.Account:
        """The standards' checks are Config rules, so the recorder runs first."""
        hub = aws.securityhub.Account(
            self.child_name("hub"),
            enable_default_standards=False,
            control_finding_generator="SECURITY_CONTROL",
            auto_enable_controls=True,
            opts=self.record_child(depends_on=[recording]),
        )
        for standard in STANDARDS:
            aws.securityhub.StandardsSubscription(
                self.child_name(standard.partition("/")[0]),
                standards_arn=f"arn:aws:securityhub:{self.settings.region}::standards/{standard}",
                opts=self.child(depends_on=[hub]),
            )
        return hub

    def _analyze(self) -> None:
        """Who outside can reach in, and who inside has rights that nobody uses: controls IAM-2 and IAM-3."""
        whole = "ORGANIZATION" if self.settings.organization_id else "ACCOUNT"
        unused = aws.accessanalyzer.AnalyzerConfigurationUnusedAccessArgs(unused_access_age=UNUSED_DAYS)
        aws.accessanalyzer.Analyzer(
            self.child_name("external-access"),
            analyzer_name=self.name_of("external-access"),
            type=whole,
            tags=self.tags("external-access"),
            opts=self.child(),
        )
        aws.accessanalyzer.Analyzer(
            self.child_name("unused-access"),
            analyzer_name=self.name_of("unused-access"),
            type=f"{whole}_UNUSED_ACCESS",
            configuration=aws.accessanalyzer.AnalyzerConfigurationArgs(unused_access=unused),
            tags=self.tags("unused-access"),
            opts=self.child(),
        )

    def _delegate(self, account: str, detector: pulumi.Resource, hub: pulumi.Resource) -> None:
        """The organisation's detectors and hub are the security account's matter, which enrols the members there."""
        aws.guardduty.OrganizationAdminAccount(
            self.child_name("guardduty"), admin_account_id=account, opts=self.child(depends_on=[detector])
        )
        aws.securityhub.OrganizationAdminAccount(
            self.child_name("securityhub"), admin_account_id=account, opts=self.child(depends_on=[hub])
        )
