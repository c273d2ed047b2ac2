"""Variants of production's plan for the rules on players."""

from __future__ import annotations

from policies.cloud import tokens
from tests.policies.plans import UNKNOWN, put, unlink, without
from tests.policies.variants.variant import NOT_EVALUATED, REFUSED, SIDECAR, Table

COUNTRIES = "rules.0.statement.notStatement.statement.geoMatchStatement.countryCodes"

TABLE: Table = {
    "jur-1-edge-guarded": (
        (without(tokens.WEB_ACL_ASSOCIATION), REFUSED),
        SIDECAR,
        (unlink(tokens.WEB_ACL_ASSOCIATION, "resourceArn"), REFUSED),
        (put(tokens.LOAD_BALANCER, "internal", UNKNOWN), NOT_EVALUATED),
    ),
    "jur-1-licensed-countries": (
        (put(tokens.WEB_ACL, "rules", []), REFUSED),
        (put(tokens.WEB_ACL, COUNTRIES, []), REFUSED),
        (put(tokens.WEB_ACL, "rules.0.action", {"count": {}}), REFUSED),
        (put(tokens.WEB_ACL, "rules.0.priority", UNKNOWN), NOT_EVALUATED),
    ),
}
