"""Where the edge meets the cluster: the load balancer's targets are this port of every node."""

from __future__ import annotations

from typing import Final

EDGE_NODE_PORT: Final = 30080
"""The node port of the service that takes requests from outside: the same number in AWS and in Kubernetes."""
