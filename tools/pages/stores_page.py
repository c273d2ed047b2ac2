"""docs/compliance/data-flow.md: the stores of production, in tables."""

from __future__ import annotations

from tools.pages.stores import LOG, Stores


def page(stores: Stores) -> str:
    """The page in Markdown."""
    rows = "\n".join(
        f"| {each.label} | {each.kind} | {each.place.account}, {each.place.region} | {each.key} | {each.lock} "
        f"| {each.kept} |"
        for each in stores.stores
    )
    flows = "\n".join(f"| {each.source} | {each.target} | {each.how} |" for each in stores.flows)
    return f"""# Where production's data lies, and which store feeds which

Generated from the plan of the stack `production` by `python -m tools.pages --write`; a test fails when it is stale. Do
not edit. What personal data each store holds, and who reaches it, is in [system-description.md](system-description.md).

![The stores and what feeds them; a thick frame is a lock](data-flow.svg)

A thick frame is a lock. Nobody lifts a COMPLIANCE lock, the account's root user and AWS included; a GOVERNANCE lock can
be lifted by a person with that right. A vault's lock can itself be taken off in its first days:
`valletta:backup_lock_changeable_days`. A dashed arrow is not built yet.

## Every store

| store | kind | account, region | key | lock | kept |
| --- | --- | --- | --- | --- | --- |
{rows}

A key is named by the end of its alias; each is a key of the account that the store lies in, and never leaves its region
(CRY-1). *S3's own*: AWS delivers access logs into no bucket under a customer's key.

## Every flow that the program declares

| from | to | how |
| --- | --- | --- |
{flows}

{_log(stores)}Deletions are not replicated. The flow from the log into the ledger is no declaration of AWS's
but the service `services/ledger`, which reads the topic `exchange.events`: [network-flows.md](../network-flows.md). The
exports that the regulator downloads are filled by nothing yet: REG-2.
"""


def _log(stores: Stores) -> str:
    """What an auditor has to be told as long as the plan declares no copy of the log."""
    if any(each.source == LOG for each in stores.flows):
        return ""
    return """**The log of the exchange has no copy outside its region**, and no backup: its copies are its
brokers', a zone each. Were the region lost, the ledger comes back from its backups, and what only the log holds is
gone.

"""
