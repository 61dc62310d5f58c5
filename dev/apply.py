"""Bring the database up to date: bootstrap, migrations and seeds, each only when its files changed."""

import hashlib
import json
from pathlib import Path
from typing import Final

from dev import bootstrap, supabase_cli
from dev.log import LogHandler
from dev.postgres import Cluster

CHANGED: Final = "changed after it was applied, and is not applied again: ./poew reset starts from nothing."


async def apply(cluster: Cluster, supabase_dir: Path, log_handler: LogHandler) -> None:
    """Do what is not done yet. StackError with the words of the tool that failed."""
    applied = Applied(cluster.pgdata)
    base = {"bootstrap": checksum(list(bootstrap.FILES))}
    if not applied.has(base):
        await bootstrap.bootstrap(cluster)
        applied.record(base)
    project = _project(supabase_dir)
    if not applied.has(project):
        for name in applied.differing(_migrations(supabase_dir)):
            log_handler("stack", f"{name} {CHANGED}")
        await supabase_cli.push(cluster.url("postgres"), supabase_dir, log_handler)
        applied.record(project | _migrations(supabase_dir))


def _project(supabase_dir: Path) -> dict[str, str]:
    patterns = ("config.toml", "migrations/*.sql", "seeds/*.sql")
    return {"push": checksum([file for pattern in patterns for file in supabase_dir.glob(pattern)])}


def _migrations(supabase_dir: Path) -> dict[str, str]:
    return {file.name: checksum([file]) for file in supabase_dir.glob("migrations/*.sql")}


class Applied:
    """What was already done to a cluster, kept inside it so that the two cannot part.

    `<pgdata>/dev_applied.json` maps a step to the checksum of the files it was last done with.
    """

    def __init__(self, pgdata: Path) -> None:
        self._path = pgdata / "dev_applied.json"
        self._done: dict[str, str] = json.loads(self._path.read_text()) if self._path.exists() else {}

    def has(self, steps: dict[str, str]) -> bool:
        """Whether all the steps were done with exactly these files."""
        return all(self._done.get(step) == checksum for step, checksum in steps.items())

    def differing(self, steps: dict[str, str]) -> list[str]:
        """The steps that were done, but with other files."""
        return [step for step, checksum in steps.items() if self._done.get(step, checksum) != checksum]

    def record(self, steps: dict[str, str]) -> None:
        """Remember that the steps were done with these checksums."""
        self._done |= steps
        self._path.write_text(json.dumps(self._done))


def checksum(files: list[Path]) -> str:
    """A checksum over the names and contents of the files."""
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(f"{file.name}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()
