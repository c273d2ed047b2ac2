"""`python -m services.journal acls`: bring the brokers' access-control lists to what VALLETTA_KAFKA_ACLS declares."""

from __future__ import annotations

import sys

from pydantic import Field, ValidationError

from services.contract.logs import configure_logs, logger
from services.journal.kafka import client_settings
from services.journal.log import JournalError, LogUnavailableError
from services.journal.rights import bring_about, read_declaration
from services.journal.settings import JournalSettings


class RightsSettings(JournalSettings):
    """Where the brokers are, and what they are to let users with passwords do."""

    kafka_acls: str = Field(description='JSON: {"reports": {"read": ["exchange.events"], "append": []}}')


def main(arguments: list[str]) -> int:
    """The process's exit status; 2 for arguments or an environment that cannot be understood."""
    if arguments != ["acls"]:
        sys.stderr.write(f"unknown arguments {arguments}; give `acls`\n")
        return 2
    try:
        settings = RightsSettings()  # type: ignore[call-arg]  # from the environment
        declared = read_declaration(settings.kafka_acls)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            name = "_".join(str(part) for part in fault["loc"]).upper()
            sys.stderr.write(f"{f'VALLETTA_{name}: ' if name else ''}{fault['msg']}\n")
        return 2
    except JournalError as error:
        sys.stderr.write(f"VALLETTA_KAFKA_ACLS: {error}\n")
        return 2
    configure_logs("journal")
    try:
        given, taken = bring_about(client_settings(settings.kafka_bootstrap, settings.iam_region), declared)
    except (JournalError, LogUnavailableError) as error:
        logger(__name__).critical("the rights are not as declared", reason=str(error))
        return 1
    logger(__name__).info("the rights are as declared", users=sorted(declared), given=given, taken_away=taken)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
