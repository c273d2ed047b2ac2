"""The database's password: read at every connect from where it is kept, and never told to anybody."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest
from moto import mock_aws
from sqlalchemy import make_url, text

from services.ledger.database import SecretError, engine_from


def _split(url: str) -> tuple[str, str]:
    parsed = make_url(url)
    return parsed._replace(password=None).render_as_string(), str(parsed.password)


def test_the_password_is_read_from_a_file_at_connect(database_url: str, tmp_path: Path) -> None:
    url, password = _split(database_url)
    secret = tmp_path / "password"
    engine = engine_from(url, str(secret))
    with pytest.raises(SecretError, match=rf"'{secret}' cannot be read: No such file"):
        engine.connect()
    secret.write_text(f"{password}\n")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1


def test_the_secret_that_rds_keeps_gives_user_and_password(database_url: str, tmp_path: Path) -> None:
    url, password = _split(database_url)
    user = make_url(database_url).username
    secret = tmp_path / "secret.json"
    secret.write_text(f'{{"username": "{user}", "password": "{password}"}}')
    with engine_from(url.replace(f"{user}@", "somebody@"), str(secret)).connect() as connection:
        assert connection.scalar(text("SELECT current_user")) == user


def test_the_password_is_read_from_secrets_manager_by_arn(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    url, password = _split(database_url)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("secretsmanager", region_name="eu-south-1")
        arn = client.create_secret(Name="database", SecretString=password)["ARN"]
        with engine_from(url, arn).connect() as connection:
            assert connection.scalar(text("SELECT 1")) == 1
        with pytest.raises(SecretError, match="ResourceNotFoundException"):
            engine_from(url, arn.replace("database", "elsewhere")).connect()


def test_a_secret_without_a_password_is_refused_and_not_quoted(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text('{"user": "hunter2"}')
    with pytest.raises(SecretError) as refused:
        engine_from("postgresql://somebody@127.0.0.1/x", str(secret)).connect()
    assert "without a password" in str(refused.value) and "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "secret", "complaint"),
    [
        ("mysql://somebody@127.0.0.1/x", "", "has the scheme 'mysql'; write postgresql://"),
        ("127.0.0.1:5432", "", "cannot be parsed; write postgresql://"),
        ("postgresql://somebody:hunter2@127.0.0.1/x", "/a/file", "carries a password although a secret is named"),
    ],
)
def test_a_url_that_cannot_be_right_is_refused_before_anything_connects(url: str, secret: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint) as refused:
        engine_from(url, secret)
    assert "hunter2" not in str(refused.value)
