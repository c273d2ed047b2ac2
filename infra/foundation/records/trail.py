"""CloudTrail in all regions, with validated digests: who did what to the account, and to the records themselves."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation import iam
from infra.foundation.keys import Keys, Purpose
from infra.foundation.logs import log_group
from infra.foundation.names import trail_name
from infra.foundation.records.records import Records
from infra.settings import StackSettings

_Selector = aws.cloudtrail.TrailAdvancedEventSelectorArgs
_Field = aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs


class Trail(Component):
    """The trail into the landing bucket and a log group; of the whole organisation where an organisation id is set."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        keys: Keys,
        records: Records,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("foundation:Trail", name, settings, opts)
        self.events = log_group(self, "events", f"/valletta/{settings.name}/trail", keys.arn(Purpose.LOGS))
        streams = pulumi.Output.concat(self.events.arn, ":*")
        role, policy = self._writer(streams)
        self.trail = aws.cloudtrail.Trail(
            self.child_name("trail"),
            name=trail_name(settings),
            s3_bucket_name=records.archive.landing.bucket.id,
            kms_key_id=keys.arn(Purpose.LANDING),
            is_multi_region_trail=True,
            include_global_service_events=True,
            is_organization_trail=settings.organization_id is not None,
            enable_logging=True,
            enable_log_file_validation=True,
            cloud_watch_logs_group_arn=streams,
            cloud_watch_logs_role_arn=role.arn,
            advanced_event_selectors=_selectors(records),
            insight_selectors=[
                aws.cloudtrail.TrailInsightSelectorArgs(insight_type=kind)
                for kind in ("ApiCallRateInsight", "ApiErrorRateInsight")
            ],
            tags=self.tags("trail"),
            opts=self.record_child(depends_on=[records.archive.ready, policy]),
        )
        self.register_outputs({"trail_arn": self.trail.arn})

    def _writer(self, streams: pulumi.Output[str]) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        role = aws.iam.Role(
            self.child_name("writer"),
            name=self.name_of("writer"),
            assume_role_policy=iam.trust(
                "cloudtrail.amazonaws.com", {"StringEquals": {"aws:SourceAccount": self.settings.account_id}}
            ),
            tags=self.tags("writer"),
            opts=self.child(),
        )
        policy = aws.iam.RolePolicy(
            self.child_name("writer"),
            role=role.name,
            policy=iam.document(iam.allow("WriteEvents", ["logs:CreateLogStream", "logs:PutLogEvents"], streams)),
            opts=self.child(),
        )
        return role, policy


def _selectors(records: Records) -> list[_Selector]:
    """All management events, and the data events on the buckets of regulated records: controls LOG-1 and REG-1.

    Replication's own work is left out, or each delivered log file would make the next one; of the buckets into which
    AWS delivers, the trail itself among it, only reads and deletions are kept, for the same reason.
    """
    archive = records.archive
    data = [
        _Field(field="eventCategory", equals=["Data"]),
        _Field(field="resources.type", equals=["AWS::S3::Object"]),
        _Field(field="userIdentity.arn", not_starts_withs=[archive.replication_session]),
    ]
    kept = [*(each.bucket.arn for each in archive.destinations), records.exports.store.arn]
    delivered = [archive.landing.arn, records.access_logs.store.arn]
    return [
        _Selector(name="Management events", field_selectors=[_Field(field="eventCategory", equals=["Management"])]),
        _Selector(
            name="What is kept and exported",
            field_selectors=[*data, _Field(field="resources.ARN", starts_withs=[f"{each}/" for each in kept])],
        ),
        _Selector(
            name="What AWS delivers",
            field_selectors=[
                *data,
                _Field(field="resources.ARN", starts_withs=[f"{each}/" for each in delivered]),
                _Field(field="eventName", equals=["DeleteObject", "DeleteObjects", "GetObject"]),
            ],
        ),
    ]
