"""IAM-1: the root user has no keys, and signs in with a device that cannot be copied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policies.account import Account, Subject
from policies.checks import account_wide, check
from policies.model import Clause, Control, Severity


def _summary(account: Account) -> Mapping[str, Any]:
    summary: Mapping[str, Any] = account.ask("iam", "get_account_summary")["SummaryMap"]
    return summary


def _can_sign_in(summary: Mapping[str, Any]) -> bool:
    """Does the root user have a password? An organisation can take it away; where AWS does not say, there is one."""
    return bool(summary.get("AccountPasswordPresent", 1) != 0)


@check("iam-1-root-keys", account_wide, proves="the root user has no access keys")
def root_has_no_keys(_: Subject, account: Account) -> Iterator[str]:
    """The root user has no access keys and no signing certificates."""
    summary = _summary(account)
    if summary.get("AccountAccessKeysPresent") != 0:
        yield "the root user has access keys"
    if summary.get("AccountSigningCertificatesPresent", 0) != 0:
        yield "the root user has a signing certificate"


@check("iam-1-root-mfa", account_wide, proves="the root user signs in with a second factor, or not at all")
def root_has_a_second_factor(_: Subject, account: Account) -> Iterator[str]:
    """The root user signs in with a second factor, or cannot sign in at all."""
    account.observe_field("iam:GetAccountSummary.AccountMFAEnabled")
    summary = _summary(account)
    if _can_sign_in(summary) and summary.get("AccountMFAEnabled") != 1:
        yield "the root user signs in without a second factor"


@check("iam-1-root-hardware", account_wide, proves="the root user's second factor is no virtual device")
def root_has_a_hardware_device(_: Subject, account: Account) -> Iterator[str]:
    """The root user's second factor is a device, and no secret that can be copied from a telephone."""
    account.observe_field("iam:GetAccountSummary.AccountMFAEnabled")
    for device in account.all("iam", "list_virtual_mfa_devices", "VirtualMFADevices"):
        if str(device.get("User", {}).get("Arn", "")).endswith(":root"):
            yield f"the root user's second factor is virtual: {device['SerialNumber']}"


CONTROL = Control(
    id="IAM-1",
    title="Root user without keys",
    statement=(
        "The root user has no access keys. It signs in with a second factor that is a hardware device, or cannot sign"
        " in at all because the organisation has taken its password away."
    ),
    rationale=(
        "The root user can close the account and no policy inside it binds it. Whoever holds its key owns everything,"
        " the records included."
    ),
    clauses=(
        Clause("CIS AWS", "5.0", "1.3"),
        Clause("CIS AWS", "5.0", "1.4"),
        Clause("CIS AWS", "5.0", "1.5"),
        Clause("PCI DSS", "4.0.1", "8.4"),
    ),
    severity=Severity.CRITICAL,
    owner="Security officer",
    evidence="The account's summary, the list of virtual devices, and where the hardware device is kept.",
    detective=(root_has_no_keys, root_has_a_second_factor, root_has_a_hardware_device),
)
