"""`poe verify-migrations`: the migrations apply from zero, twice is once, and the database advisors are content."""

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from dev.apply import apply
from dev.child import Child
from dev.credentials import load_or_create
from dev.data_dir import DataDir
from dev.failure import StackError
from dev.log import Sink, silent
from dev.net import free_port
from dev.node import ensure_tools
from dev.paths import CACHE, SUPABASE
from dev.pg_install import FOLDERS
from dev.postgres import Cluster
from dev.supabase_cli import supabase

UP_TO_DATE: Final = "Remote database is up to date."


async def verify(version: int, sink: Sink, supabase_dir: Path = SUPABASE) -> None:
    """Check on a throw-away database of this major version. StackError says what is wrong."""
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="verify-", dir=CACHE) as folder:
        data_dir = DataDir(Path(folder))
        data_dir.open()
        cluster = Cluster(data_dir.path, version, free_port(), load_or_create(data_dir.path), durable=False)
        server = Child(cluster.command(), data_dir.logs / "postgres.log")
        try:
            await cluster.ensure_initialised()
            await server.start()
            await server.ready()
            await _check(cluster, supabase_dir, sink)
        finally:
            await server.stop()
            cluster.remove()
            data_dir.close()


async def _check(cluster: Cluster, supabase_dir: Path, sink: Sink) -> None:
    started = time.perf_counter()
    await apply(cluster, supabase_dir, silent)
    sink("verify", f"Postgres {cluster.version}: applied from zero in {time.perf_counter() - started:.1f} s")
    remote = f"--remote={cluster.url('postgres')}"
    again = await supabase(["db", "push", remote, "--include-seed", "--yes"], supabase_dir)
    if UP_TO_DATE not in again:
        raise StackError(f"Pushing twice is not the same as once:\n{again.strip()}")
    await supabase(["db", "advisors", remote, "--fail-on", "warn"], supabase_dir)
    sink("verify", f"Postgres {cluster.version}: nothing left to push, and the advisors find nothing")


async def main() -> int:
    """Check every major version the stack knows."""
    try:
        await ensure_tools(say_line)
        for version in FOLDERS:
            await verify(version, say_line)
    except StackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def say_line(name: str, line: str) -> None:
    """Show progress without the columns of a running stack."""
    print(f"{name}: {line}", flush=True)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
