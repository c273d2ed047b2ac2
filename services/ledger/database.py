"""The engine: where PostgreSQL is, and how its password is come by at every connect, never before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

_DRIVER = "postgresql+psycopg"


class SecretError(RuntimeError):
    """The database's secret cannot be read; the message names where it was looked for, never what was in it."""


def engine_from(url: str, secret: str = "", *, pool_size: int = 5) -> Engine:
    """An engine for `url` (`postgresql://user@host:port/name`), over psycopg.

    Args:
        url: without a password where `secret` is given.
        secret: empty for none; the path of a file; or the ARN of a secret in AWS Secrets Manager. It holds the
            password alone, or the JSON object that RDS keeps: {"username": ..., "password": ...}. It is read again at
            every connect, so that a rotated password is picked up without a restart.
        pool_size: connections kept; as many again may be opened under load.

    Raises:
        ValueError: the URL is not one of PostgreSQL, or has a password beside a secret.
    """
    parsed = _parsed(url)
    if secret and parsed.password is not None:
        raise ValueError("the database URL carries a password although a secret is named; remove it from the URL")
    engine = create_engine(parsed, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True)
    if secret:

        @event.listens_for(engine, "do_connect")
        def _provide_password(_dialect: Any, _record: Any, _args: Any, parameters: dict[str, Any]) -> None:  # noqa: ANN401
            parameters.update(_credentials(secret))

    return engine


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError("the database URL cannot be parsed; write postgresql://user@host:port/name") from None
    if parsed.drivername.partition("+")[0] != "postgresql":
        raise ValueError(
            f"the database URL has the scheme {parsed.drivername!r}; write postgresql://user@host:port/name"
        )
    return parsed.set(drivername=_DRIVER)


def _credentials(secret: str) -> dict[str, str]:
    text = _from_secrets_manager(secret) if secret.startswith("arn:") else _from_file(Path(secret))
    if not text.startswith("{"):
        return {"password": text}
    try:
        fields = json.loads(text)
        found = {"password": str(fields["password"])}
    except (ValueError, KeyError):
        raise SecretError(f"secret {secret!r} is a JSON object without a password") from None
    return {**found, "user": str(fields["username"])} if "username" in fields else found


def _from_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SecretError(f"database secret {str(path)!r} cannot be read: {error.strerror}") from None


def _from_secrets_manager(arn: str) -> str:
    import boto3  # noqa: PLC0415  # slow to import, and needed in AWS only

    region = arn.split(":")[3]
    try:
        answer = boto3.client("secretsmanager", region_name=region).get_secret_value(SecretId=arn)
    except Exception as error:
        raise SecretError(f"database secret {arn} cannot be read: {type(error).__name__}") from error
    return str(answer["SecretString"]).strip()
