"""A database of its own inside a running cluster: what a new project has, with our migrations and seeds."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg

from dev.bootstrap import FILES
from dev.paths import SUPABASE

MIGRATIONS: Final = "migrations/*.sql"
SEEDS: Final = "seeds/*.sql"


class Scratch:
    """The addresses of a scratch database: `admin_url` as the superuser, `url` as `postgres`, which migrates."""

    def __init__(self, admin_url: str, url: str, name: str) -> None:
        self.admin_url, self.url = _in(admin_url, name), _in(url, name)


@asynccontextmanager
async def scratch_database(admin_url: str, url: str, supabase_dir: Path = SUPABASE) -> AsyncIterator[Scratch]:
    """A new database beside the ones of these two addresses; gone afterwards. Takes about a second.

    Nothing of the stack looks at it, so that what a test does in it disturbs nobody. Made from the files and not
    as a copy: a database that PostgREST is connected to cannot be copied.
    """
    name = f"scratch_{uuid4().hex[:12]}"
    await _execute(admin_url, f'create database "{name}" template template0')
    try:
        scratch = Scratch(admin_url, url, name)
        await _run(scratch.admin_url, FILES)
        await _run(scratch.url, [file for kind in (MIGRATIONS, SEEDS) for file in sorted(supabase_dir.glob(kind))])
        yield scratch
    finally:
        await _execute(admin_url, f'drop database "{name}" with (force)')


def _in(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url, ssl=False)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _run(url: str, files: Sequence[Path]) -> None:
    # One session for all, as the CLI does it.
    connection = await asyncpg.connect(url, ssl=False)
    try:
        for file in files:
            await connection.execute(file.read_text())
    finally:
        await connection.close()
