"""`python -m services.ledger`: run the projector. `python -m services.ledger migrate`: bring the schema up to date."""

from __future__ import annotations

import sys

from pydantic import ValidationError
from sqlalchemy.exc import OperationalError

from services.contract.logs import configure_logs, logger
from services.ledger.database import SecretError
from services.ledger.migrate import migrate
from services.ledger.process import run_projection
from services.ledger.settings import LedgerSettings


def main(arguments: list[str]) -> int:
    """The process's exit status; 2 for arguments or an environment that cannot be understood."""
    if arguments not in ([], ["migrate"]):
        sys.stderr.write(f"unknown arguments {arguments}; give none to project, or `migrate`\n")
        return 2
    try:
        settings = LedgerSettings()  # type: ignore[call-arg]  # from the environment
        database = settings.open_database()
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            name = "_".join(str(part) for part in fault["loc"]).upper()
            sys.stderr.write(f"{f'VALLETTA_{name}: ' if name else ''}{fault['msg']}\n")
        return 2
    except ValueError as error:
        sys.stderr.write(f"VALLETTA_DATABASE_URL: {error}\n")
        return 2
    configure_logs("ledger")
    if not arguments:
        return run_projection(settings)
    try:
        migrate(database)
    except (OperationalError, SecretError) as error:
        logger(__name__).critical("the database cannot be reached", kind=type(error).__name__)
        return 1
    logger(__name__).info("migrated")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
