"""The first operator's password: from a file or from AWS Secrets Manager, never from a variable or a log."""

from __future__ import annotations

import json
from pathlib import Path

import boto3

from services.gateway.identity import passwords


class OperatorSecretError(RuntimeError):
    """The operator's secret cannot be used; the message names where it was looked for, never what was in it."""


def operator_password(secret: str) -> str:
    """The password that `secret` (a path, or an ARN) holds, alone or as the field `password` of a JSON object.

    Raises:
        OperatorSecretError: it cannot be read, or holds no password of the least length.
    """
    text = (_from_secrets_manager(secret) if secret.startswith("arn:") else _from_file(secret)).strip()
    if text.startswith("{"):
        text = _field(text, secret)
    if len(text) < passwords.SHORTEST:
        raise OperatorSecretError(f"operator secret {secret!r} is shorter than {passwords.SHORTEST} characters")
    return text


def _field(text: str, secret: str) -> str:
    try:
        return str(json.loads(text)["password"])
    except (ValueError, KeyError):
        raise OperatorSecretError(f"operator secret {secret!r} is a JSON object without a password") from None


def _from_file(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise OperatorSecretError(f"operator secret {path!r} cannot be read: {error.strerror}") from None


def _from_secrets_manager(arn: str) -> str:
    region = arn.split(":")[3]
    try:
        answer = boto3.client("secretsmanager", region_name=region).get_secret_value(SecretId=arn)
    except Exception as error:
        raise OperatorSecretError(f"operator secret {arn} cannot be read: {type(error).__name__}") from error
    return str(answer["SecretString"])
