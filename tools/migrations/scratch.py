"""Throw-away databases, built from the migrations or from the schemas of a Supabase project."""

import tempfile
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from dev.bootstrap import bootstrap
from dev.child import Child
from dev.credentials import load_or_create
from dev.data_dir import DataDir
from dev.failure import StackError
from dev.net import free_port
from dev.paths import CACHE
from dev.postgres import SUPERUSER, Cluster
from dev.supabase_cli import supabase


@asynccontextmanager
async def scratch_cluster(version: int) -> AsyncIterator[Cluster]:
    """A running Postgres of this major version with an empty project in its database `postgres`."""
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
            await bootstrap(cluster)
            yield cluster
        finally:
            await server.stop()
            cluster.remove()
            data_dir.close()


async def create_database(cluster: Cluster, name: str) -> None:
    """Another empty project on the cluster. Not by template: that would leave out the settings of the database."""
    async with cluster.connect(SUPERUSER) as connection:
        await connection.execute(f"create database {name}")
    await bootstrap(cluster, name)


def migration_files(supabase_dir: Path) -> list[Path]:
    """The migrations in the order in which they apply."""
    return sorted(supabase_dir.glob("migrations/*.sql"))


def schema_files(supabase_dir: Path) -> list[Path]:
    """The schema files in the order of `schema_paths`. StackError when that names nothing, or leaves one out."""
    with (supabase_dir / "config.toml").open("rb") as config:
        patterns = tomllib.load(config)["db"]["migrations"].get("schema_paths", [])
    if not patterns:
        raise StackError("[db.migrations] in supabase/config.toml has no schema_paths to compare with.")
    files: list[Path] = []
    for pattern in patterns:
        found = sorted(supabase_dir.glob(pattern.removeprefix("./")))
        if not found:
            raise StackError(f"schema_paths in supabase/config.toml names {pattern}, and there is no such file.")
        files += [file for file in found if file not in files]
    forgotten = [file.name for file in sorted(supabase_dir.glob("schemas/**/*.sql")) if file not in files]
    if forgotten:
        raise StackError(f"schema_paths in supabase/config.toml leaves out supabase/schemas/{forgotten[0]}.")
    return files


async def apply_schemas(cluster: Cluster, database: str, supabase_dir: Path) -> None:
    """Run the schema files in one session as the role that runs migrations, each in a transaction of its own."""
    async with cluster.connect("postgres", database) as connection:
        for file in schema_files(supabase_dir):
            try:
                await connection.execute(file.read_text())
            except asyncpg.PostgresError as error:
                raise StackError(f"supabase/schemas/{file.name} does not apply: {_explained(error)}") from error


def _explained(error: asyncpg.PostgresError) -> str:
    details = [str(error), error.detail, error.hint, error.context]
    return "\n".join(str(part) for part in details if part)


async def cli_diff(cluster: Cluster, before: str, after: str, supabase_dir: Path) -> str:
    """The SQL with which the Supabase CLI would lead one database of the cluster to another; empty when equal."""
    urls = ["--from", cluster.url("postgres", before), "--to", cluster.url("postgres", after)]
    output = await supabase(["db", "diff", *urls], supabase_dir)
    # Its remarks stand between signs; that it leaves out grants of settings is one, and the bootstrap makes one.
    return "\n".join(line for line in output.splitlines() if not line.startswith(("Target: ", "│", "▲", "●"))).strip()
