"""What the tests of the stack itself need: small Supabase projects, a folder Postgres can live in, and clients of the
auth service."""

import re
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from dev.account import place_for
from dev.paths import SUPABASE
from dev.stack import Stack
from tests.support.auth_http import auth_client

SCHEMA_PATHS = 'schema_paths = ["./schemas/*.sql"]'
FIRST_MIGRATION = "20260101000000_words.sql"
TABLE = """\
create extension if not exists vector with schema extensions;
create table public.words (id int primary key, word text, place extensions.halfvec(2));
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The `supabase/` folder of a project with one table and one seed: quick to apply."""
    folder = tmp_path / "project" / "supabase"
    (folder / "migrations").mkdir(parents=True)
    (folder / "schemas").mkdir()
    (folder / "seeds").mkdir()
    config = re.sub(r"\nschema_paths = \[[^]]*\]", "", (SUPABASE / "config.toml").read_text())
    (folder / "config.toml").write_text(config.replace("[db.migrations]", f"[db.migrations]\n{SCHEMA_PATHS}"))
    (folder / "migrations" / FIRST_MIGRATION).write_text(TABLE)
    (folder / "schemas" / "10_words.sql").write_text(TABLE)
    write_seed(folder, "first")
    return folder


def write_seed(project: Path, word: str) -> None:
    (project / "seeds" / "words.sql").write_text(
        f"insert into public.words (id, word) values (1, '{word}')\n"  # noqa: S608  # words of the tests
        "on conflict (id) do update set word = excluded.word;\n"
    )


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """A data folder; as root its databases live elsewhere, and go with it."""
    folder = tmp_path / "data"
    yield folder
    for version in (16, 18):
        place = place_for(folder / f"postgres-{version}")
        shutil.rmtree(place if place.parent == folder else place.parent, ignore_errors=True)


@pytest.fixture
async def auth(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    """The auth service as everybody sees it."""
    async with auth_client(stack) as client:
        yield client


@pytest.fixture
async def admin(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    """The auth service as the holder of the secret key sees it."""
    async with auth_client(stack, stack.secret_key) as client:
        yield client


@pytest.fixture
async def superuser(stack: Stack) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    yield connection
    await connection.close()
