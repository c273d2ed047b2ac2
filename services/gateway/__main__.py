"""`python -m services.gateway` serves; `python -m services.gateway migrate` brings the schema `gateway` up to date."""

from __future__ import annotations

import sys

import prometheus_client
import structlog
import uvicorn
from pydantic import ValidationError

from services.gateway.app import create_app
from services.gateway.draining import Draining, DrainingServer
from services.gateway.migrate import migrate
from services.gateway.observability import configure_logging
from services.gateway.settings import GatewaySettings, MigrationSettings, split
from services.ledger.database import engine_from


def main(arguments: list[str]) -> int:
    """Runs what was asked for; the exit status is 2 for a wrong call or wrong settings."""
    configure_logging()
    try:
        match arguments:
            case []:
                serve(GatewaySettings())  # type: ignore[call-arg]  # the environment supplies them
            case ["migrate"]:
                settings = MigrationSettings()  # type: ignore[call-arg]  # as above
                migrate(engine_from(settings.database_url, settings.database_secret))
            case _:
                sys.stderr.write(f"unknown arguments {arguments}; write `python -m services.gateway [migrate]`\n")
                return 2
    except ValidationError as error:
        _tell_wrong_settings(error)
        return 2
    return 0


def serve(settings: GatewaySettings) -> None:
    """Serves until told to stop, then drains and lets the requests in flight finish."""
    metrics_host, metrics_port = split(settings.metrics_address)
    prometheus_client.start_http_server(metrics_port, metrics_host)
    host, port = split(settings.http_address)
    draining = Draining()
    config = uvicorn.Config(
        create_app(settings, draining),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=settings.concurrency_limit,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=settings.shutdown_timeout_s,
    )
    DrainingServer(config, draining, settings.drain_s).run()


def _tell_wrong_settings(error: ValidationError) -> None:
    """Names each variable and what is wrong with it; never its value, which may be a secret."""
    log = structlog.get_logger(__name__)
    for each in error.errors(include_input=False, include_context=False, include_url=False):
        log.error("setting", variable=f"VALLETTA_{each['loc'][0]}".upper(), problem=each["msg"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
