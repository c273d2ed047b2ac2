"""Users: how one signs up so that a retry cannot open two accounts, and how one proves to be one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Engine, Row, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from services.gateway.identity import passwords
from services.gateway.tables import users

USERNAME: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{2,31}", re.ASCII)
_FREE_TRIES: Final = 10
"""Logins in a row that may fail before the next has to wait: 1 s, 2 s, 4 s, ... up to the longest wait."""
_LONGEST_WAIT_S: Final = 900


class Role(StrEnum):
    """What a user may do."""

    BETTOR = "bettor"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who proved who they are; `account` is None for an operator."""

    id: int
    role: Role
    account: int | None


@dataclass(frozen=True, slots=True)
class SignUp:
    """A name that is reserved. `account` is None until the shard has opened it."""

    user: int
    key: bytes
    account: int | None


class UsernameTakenError(Exception):
    """The name is another's."""


class SignUpKeyReusedError(Exception):
    """The sign-up's key was used for another name or password."""


class BadCredentialsError(Exception):
    """Name and password do not go together; which of them is wrong is not said."""


class SignUpUnfinishedError(Exception):
    """The password is right, but the account was never opened: the sign-up has to be repeated."""


class TooManyLoginsError(Exception):
    """Too many logins failed in a row; `wait_s` is how long the next has to wait."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"wait {wait_s} s")
        self.wait_s = wait_s


class Users:
    """The table of users. Every method blocks, and most of them hash: see passwords.in_turn."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def reserve(self, username: str, password: str, key: bytes) -> SignUp:
        """Reserves a name for a new bettor, before the shard is asked for an account; a repeat finds its reservation.

        Raises:
            UsernameTakenError, SignUpKeyReusedError: as they say; nothing was reserved.
        """
        row = {"username": username, "password_hash": passwords.hashed(password), "role": Role.BETTOR}
        try:
            with self._database.begin() as connection:
                made = connection.execute(
                    insert(users).values(**row, opening_key=key).returning(users.c.id)
                ).scalar_one()
        except IntegrityError:
            return self._resumed(username, password, key)
        return SignUp(made, key, None)

    def _resumed(self, username: str, password: str, key: bytes) -> SignUp:
        with self._database.connect() as connection:
            kept = connection.execute(select(users).where(users.c.username == username)).one_or_none()
        if kept is None:
            raise SignUpKeyReusedError
        same_key = kept.opening_key == key
        unfinished = kept.role == Role.BETTOR and kept.account is None
        if not (same_key or unfinished):
            raise UsernameTakenError
        if not passwords.matches(password, kept.password_hash):
            raise SignUpKeyReusedError if same_key else UsernameTakenError
        return SignUp(kept.id, bytes(kept.opening_key), kept.account)

    def complete(self, user: int, account: int) -> None:
        """Ties the account that the shard opened to its user."""
        with self._database.begin() as connection:
            connection.execute(update(users).where(users.c.id == user).values(account=account))

    def authenticate(self, username: str, password: str) -> User:
        """Who this is.

        Raises:
            BadCredentialsError, TooManyLoginsError, SignUpUnfinishedError: as they say.
        """
        kept = self._counted_try(username)
        if not passwords.matches(password, kept.password_hash if kept else None) or kept is None:
            raise BadCredentialsError
        with self._database.begin() as connection:
            connection.execute(update(users).where(users.c.id == kept.id).values(failed_logins=0))
        role = Role(kept.role)
        if role is Role.BETTOR and kept.account is None:
            raise SignUpUnfinishedError
        return User(kept.id, role, kept.account)

    def _counted_try(self, username: str) -> Row[Any] | None:
        """The user's row. The try is counted as failed before the password is looked at, so a burst counts in full."""
        now = datetime.now(UTC)
        with self._database.begin() as connection:
            kept = connection.execute(select(users).where(users.c.username == username).with_for_update()).one_or_none()
            if kept is None:
                return None
            if (wait := _wait(kept.failed_logins, kept.last_login_try, now)) > 0:
                raise TooManyLoginsError(wait)
            counted = {"failed_logins": users.c.failed_logins + 1, "last_login_try": now}
            connection.execute(update(users).where(users.c.id == kept.id).values(**counted))
        return kept

    def ensure_operator(self, username: str, password: str) -> None:
        """Makes the first operator, or brings the password of an existing one in line with the secret."""
        with self._database.connect() as connection:
            kept = connection.execute(select(users).where(users.c.username == username)).one_or_none()
        if kept is not None and kept.role != Role.OPERATOR:
            raise ValueError(
                f"the operator's name {username!r} belongs to a bettor; set VALLETTA_OPERATOR_NAME to another"
            )
        if kept is not None and passwords.matches(password, kept.password_hash):
            return
        row = {"username": username, "password_hash": passwords.hashed(password), "role": Role.OPERATOR}
        with self._database.begin() as connection:
            connection.execute(
                upsert(users)
                .values(**row)
                .on_conflict_do_update(index_elements=["username"], set_={"password_hash": row["password_hash"]})
            )


def _wait(failed: int, last: datetime | None, now: datetime) -> int:
    """Seconds until the next login may be tried."""
    if failed < _FREE_TRIES or last is None:
        return 0
    delay = min(2 ** min(failed - _FREE_TRIES, 30), _LONGEST_WAIT_S)
    left = last + timedelta(seconds=delay) - now
    return max(0, -(-left // timedelta(seconds=1)))
