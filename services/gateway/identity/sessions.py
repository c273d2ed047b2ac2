"""Sessions: a random token in the client's hands, its hash in the database, and an end."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Engine, delete, insert, select, update

from services.gateway.identity.users import Role, User
from services.gateway.tables import sessions, users

_REMEMBERED_S: Final = 3.0
"""How long a session found in the database is believed without asking again: the most that a logout done through
another replica may take to bind here. It keeps the database off the path of most orders."""
_REMEMBERED_AT_MOST: Final = 20_000


@dataclass(frozen=True, slots=True)
class NewSession:
    """A token, to be handed out once, and when it ends."""

    token: str
    expires_at: datetime


class Sessions:
    """The table of sessions. Every method but `remembered` is blocking and belongs on a worker thread."""

    def __init__(self, database: Engine, lifetime: timedelta) -> None:
        self._database = database
        self._lifetime = lifetime
        self._memory: dict[bytes, tuple[User, float]] = {}

    def begin(self, user: User) -> NewSession:
        """A new session, a whole lifetime long; the user's ended ones are cleared away."""
        token, now = secrets.token_urlsafe(32), datetime.now(UTC)
        expires_at = now + self._lifetime
        ended = delete(sessions).where(sessions.c.user == user.id, sessions.c.expires_at <= now)
        row = {"token_hash": _hash(token), "user": user.id, "expires_at": expires_at}
        with self._database.begin() as connection:
            connection.execute(ended)
            connection.execute(insert(sessions).values(**row))
        return NewSession(token, expires_at)

    def remembered(self, token: str) -> User | None:
        """Whose session it is, if this process looked it up a moment ago; otherwise `find` has to."""
        known = self._memory.get(_hash(token))
        return known[0] if known and time.monotonic() < known[1] else None

    def find(self, token: str) -> User | None:
        """Whose session it is; None for a token that never was one, was ended, or has expired."""
        digest, now = _hash(token), datetime.now(UTC)
        chosen = (
            select(users.c.id, users.c.role, users.c.account, sessions.c.expires_at)
            .join_from(sessions, users)
            .where(sessions.c.token_hash == digest, sessions.c.expires_at > now)
        )
        with self._database.connect() as connection:
            row = connection.execute(chosen).one_or_none()
        if row is None:
            self._memory.pop(digest, None)
            return None
        user = User(row.id, Role(row.role), row.account)
        if len(self._memory) >= _REMEMBERED_AT_MOST:
            self._memory.clear()
        left_s = (row.expires_at - now).total_seconds()
        self._memory[digest] = (user, time.monotonic() + min(_REMEMBERED_S, left_s))
        return user

    def extend(self, token: str) -> bool:
        """Gives a live session a whole lifetime from now; False if it is not alive."""
        now = datetime.now(UTC)
        alive = (sessions.c.token_hash == _hash(token)) & (sessions.c.expires_at > now)
        with self._database.begin() as connection:
            changed = connection.execute(update(sessions).where(alive).values(expires_at=now + self._lifetime))
        return changed.rowcount == 1

    def end(self, token: str) -> bool:
        """Ends a session at once; False if there was none."""
        self._memory.pop(_hash(token), None)
        with self._database.begin() as connection:
            return connection.execute(delete(sessions).where(sessions.c.token_hash == _hash(token))).rowcount == 1


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
