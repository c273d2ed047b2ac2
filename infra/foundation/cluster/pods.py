"""EKS Pod Identity: how a pod becomes an IAM role, without keys and without the node's rights."""

from __future__ import annotations

import json
from typing import Final

NAMESPACE: Final = "exchange"
"""The Kubernetes namespace of the services; the association of role and pod names it."""

POD_IDENTITY_TRUST: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "pods.eks.amazonaws.com"},
                "Action": ["sts:AssumeRole", "sts:TagSession"],
            }
        ],
    },
    sort_keys=True,
)
"""The trust policy of a role for pods; which pods, the association says: cluster, namespace and service account."""
