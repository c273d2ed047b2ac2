"""Who asked for what: the access logs of buckets and load balancers, on their way into the archive.

They have a bucket of their own, for AWS delivers them into none that is locked, and into none whose key is a
customer's: S3 encrypts them with a key of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi

from infra.component import Component
from infra.foundation import iam
from infra.foundation.records.bucket import PrivateBucket
from infra.settings import StackSettings

BALANCERS: Final = "balancers"
"""The prefix under which load balancers deliver; they put `AWSLogs/<account>` behind it themselves."""
BUCKETS: Final = "buckets"
"""The prefix under which S3 delivers, a folder a bucket."""


class AccessLogs(Component):
    """The bucket of access logs of one account. `ready` is what must exist before anything delivers into it.

    `logged` are the names of the buckets of that account that are written about, `account_id` the account where it is
    not the stack's own.

    Nothing is logged of the bucket itself: each log would make the next one. The trail has its data events.
    """

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        logged: Sequence[str],
        *,
        account_id: str | None = None,
        provider: pulumi.ProviderResource | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("foundation:AccessLogs", name, settings, opts)
        self.logged = tuple(logged)
        account = account_id or settings.account_id
        bucket_name = f"{settings.prefix}-access-logs-{account}"
        self.store = PrivateBucket(
            self,
            "bucket",
            bucket_name,
            None,
            statements=self._deliveries(account, f"arn:aws:s3:::{bucket_name}"),
            provider=provider,
        )
        self.store.expire("expire-replicated", settings.landing_days)
        self.register_outputs({"bucket": self.bucket_name})

    @property
    def bucket_name(self) -> pulumi.Output[str]:
        """The bucket's name, once there is a bucket."""
        return self.store.bucket.id

    @property
    def ready(self) -> pulumi.Resource:
        """What must exist before anything delivers."""
        return self.store.policy

    @staticmethod
    def prefix_of(bucket_name: str) -> str:
        """Where the requests to a bucket are written down."""
        return f"{BUCKETS}/{bucket_name}/"

    def _deliveries(self, account: str, bucket: str) -> list[iam.Statement]:
        """Each of the buckets into its own folder, and the account's load balancers; nobody in their name."""
        balancers = f"arn:aws:elasticloadbalancing:{self.settings.region}:{account}:loadbalancer/*"
        return [
            *(self._from_bucket(number, each, account, bucket) for number, each in enumerate(self.logged, start=1)),
            iam.allow(
                "BalancersDeliver",
                ["s3:PutObject"],
                f"{bucket}/{BALANCERS}/AWSLogs/{account}/*",
                principal=iam.service("logdelivery.elasticloadbalancing.amazonaws.com"),
                condition={"ArnLike": {"aws:SourceArn": balancers}},
            ),
        ]

    def _from_bucket(self, number: int, source: str, account: str, bucket: str) -> iam.Statement:
        return iam.allow(
            f"Bucket{number}Delivers",
            ["s3:PutObject"],
            f"{bucket}/{self.prefix_of(source)}*",
            principal=iam.service("logging.s3.amazonaws.com"),
            condition={
                "StringEquals": {"aws:SourceAccount": account},
                "ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{source}"},
            },
        )
