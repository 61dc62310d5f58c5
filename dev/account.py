"""Who runs Postgres. It refuses to run as root, so root lends it an unprivileged account of its own."""

import contextlib
import functools
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dev.failure import StackError

NAME: Final = "pgserver"
RELOCATED: Final = Path("/var/tmp/slow-burn-root")  # noqa: S108  # owner and mode are checked before every use


@dataclass(frozen=True)
class Account:
    """An unprivileged user of the machine."""

    uid: int
    gid: int


@functools.cache
def server_account() -> Account | None:
    """The account to run Postgres under, made if need be; None when we are not root: it runs as us."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(NAME)
    except KeyError:
        _create()
        entry = pwd.getpwnam(NAME)
    return Account(entry.pw_uid, entry.pw_gid)


def _create() -> None:
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    command = [str(useradd), "--system", "--user-group", "--no-create-home", "--shell", "/bin/false", NAME]
    if useradd is None or subprocess.run(command, check=False, capture_output=True).returncode not in {0, 9}:
        raise StackError(
            f"Postgres does not run as root and the user {NAME!r} could not be created: "
            "run this as an ordinary user instead."
        )


def place_for(path: Path) -> Path:
    """Where the account can really use what is meant to be at `path`: there, or below /var/tmp.

    A project below a folder that only root may enter (/root, a private temporary folder) is out of the
    account's reach. Opening those folders to everyone is not ours to do, so its files live elsewhere then.
    """
    account = server_account()
    if account is None or _can_reach(path, account):
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    return _relocated(path) / path.name


def _can_reach(path: Path, account: Account) -> bool:
    return all(_can_enter(parent, account) for parent in path.parents if parent.exists())


def _can_enter(folder: Path, account: Account) -> bool:
    status = folder.stat()
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def _relocated(path: Path) -> Path:
    # /var/tmp is open to everyone: take nobody else's folder, and follow no link, for ours.
    RELOCATED.mkdir(mode=0o711, parents=True, exist_ok=True)
    status = RELOCATED.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != 0:
        raise StackError(f"{RELOCATED} is not a folder of root: remove it and try again.")
    RELOCATED.chmod(0o711)
    folder = RELOCATED / hashlib.sha256(str(path).encode()).hexdigest()[:16]
    if not folder.exists():
        _sweep()
        folder.mkdir(exist_ok=True)
        folder.chmod(0o711)
        (folder / "origin").write_text(str(path))
    return folder


def _sweep() -> None:
    """Delete what was kept for folders that are gone."""
    for origin in RELOCATED.glob("*/origin"):
        with contextlib.suppress(FileNotFoundError):  # another process sweeps too
            if not Path(origin.read_text()).parent.exists():
                shutil.rmtree(origin.parent, ignore_errors=True)
