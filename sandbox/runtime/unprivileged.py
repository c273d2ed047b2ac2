"""Runs a program that refuses to run as root, PostgreSQL, when we are root.

We make no user account and change no folder's permissions. The program runs as `nobody`. Where the clone lies under a
folder that `nobody` may not enter (root's home, say), it keeps one capability of root's: to read and to traverse.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
from pathlib import Path

from sandbox.errors import SandboxError

_USER = "nobody"


class PrivilegeError(SandboxError):
    """We are root, and cannot become an ordinary user in a way that reaches the files."""


def owner() -> tuple[int, int] | None:
    """The user and group that own what the program writes; None when we are not root and it runs as ourselves."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam(_USER)
    return entry.pw_uid, entry.pw_gid


def as_ordinary_user(command: list[str], reads: list[Path]) -> list[str]:
    """`command`, made to run as an ordinary user that can reach every path in `reads`.

    Raises:
        PrivilegeError: We are root and util-linux's setpriv is not here.
    """
    identity = owner()
    if identity is None:
        return command
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise PrivilegeError(
            "we are root, PostgreSQL refuses to run as root, and there is no setpriv to become another user with",
            hint="install util-linux, or run as an ordinary user",
        )
    switch = [setpriv, f"--reuid={identity[0]}", f"--regid={identity[1]}", "--clear-groups"]
    if any(hidden_from_others(path) for path in reads):
        # no_setuid_fixup: access(2) asks with the real user, and would forget the capability
        only = "-all,+dac_read_search"
        switch += ["--securebits=+no_setuid_fixup", f"--inh-caps={only}", f"--bounding-set={only}"]
        switch += ["--ambient-caps=+dac_read_search"]
    return [*switch, "--", *command]


def hidden_from_others(path: Path) -> bool:
    """Whether a user who owns nothing here could not reach or not read `path`."""
    resolved = path.resolve()
    unreadable = resolved.exists() and not resolved.stat().st_mode & stat.S_IROTH
    return unreadable or any(not folder.stat().st_mode & stat.S_IXOTH for folder in resolved.parents if folder.exists())
