"""The stack as tests and the commands use it: what a start does, what the next one keeps, what it refuses."""

import socket
import stat
from dataclasses import replace
from pathlib import Path

import asyncpg
import psutil
import pytest

from dev.data_dir import DataDir
from dev.failure import StackError
from dev.stack import Options, Stack
from tests.stack.dev.conftest import write_seed
from tests.support.stack_process import still_running


class LogLines(list[str]):
    """A log handler that keeps what the stack reports."""

    def __call__(self, name: str, line: str) -> None:
        self.append(f"{name}: {line}")


async def value(url: str, sql: str) -> object:
    connection = await asyncpg.connect(url, ssl=False)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


def change_migration(project: Path) -> str:
    """Edit the migration, which was applied before; its name."""
    migration = next(project.glob("migrations/*.sql"))
    migration.write_text(migration.read_text() + "-- changed\n")
    return migration.name


def options(data_dir: Path, project: Path, log: LogLines | None = None) -> Options:
    return Options(data_dir, durable=False, supabase_dir=project, log_handler=log)


PRIVILEGES = """
select bool_and(has_table_privilege(role, 'public.words', privilege))
from unnest(array['anon', 'authenticated', 'service_role']) as role,
     unnest(array['select', 'insert', 'update', 'delete', 'truncate']) as privilege
"""


async def test_a_second_start_keeps_data_and_keys_and_applies_nothing(data_dir: Path, project: Path) -> None:
    async with Stack(options(data_dir, project)) as first:
        before = first.environment()
        assert await value(first.database_url, PRIVILEGES), "as on the platform, a migration has to revoke"
        await value(first.database_url, "insert into public.words values (2, 'mine')")
        processes = [psutil.Process(child.pid) for child in first.children]
    assert still_running(processes) == []

    log = LogLines()
    async with Stack(options(data_dir, project, log)) as second:
        assert await value(second.database_url, "select word from public.words where id = 2") == "mine"
        after = second.environment()
    for kept in ("SUPABASE_PUBLISHABLE_KEY", "SUPABASE_SECRET_KEY", "CRON_SECRET"):
        assert after[kept] == before[kept]
    assert not [line for line in log if line.startswith("supabase:")]


async def test_a_changed_seed_is_applied_again_and_a_changed_migration_is_named(data_dir: Path, project: Path) -> None:
    async with Stack(options(data_dir, project)) as stack:
        assert await value(stack.database_url, "select word from public.words where id = 1") == "first"

    write_seed(project, "second")
    migration = change_migration(project)
    log = LogLines()
    async with Stack(options(data_dir, project, log)) as stack:
        assert await value(stack.database_url, "select word from public.words where id = 1") == "second"
    assert [line for line in log if migration in line and "not applied again" in line]


async def test_a_migration_that_fails_is_shown_and_nothing_keeps_running(data_dir: Path, project: Path) -> None:
    (project / "migrations" / "20260102000000_wrong.sql").write_text("select missing_function();\n")
    stack = Stack(options(data_dir, project))
    with pytest.raises(StackError, match="missing_function"):
        await stack.__aenter__()
    assert not stack.postgres.running


def test_stack_env_is_private_and_complete(stack: Stack) -> None:
    path = stack.data_dir / "stack.env"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    written = dict(line.split("=", 1) for line in path.read_text().splitlines())
    assert written == stack.environment()
    assert set(written) == {
        "SUPABASE_URL",
        "SUPABASE_PUBLISHABLE_KEY",
        "SUPABASE_SECRET_KEY",
        "DATABASE_URL",
        "CRON_SECRET",
    }
    for secret in ("credentials.json", "keys.json", "postgrest.conf"):
        assert stat.S_IMODE((stack.data_dir / secret).stat().st_mode) == 0o600


def test_everything_listens_on_loopback_only(stack: Stack) -> None:
    listening = {
        connection.laddr.ip
        for child in stack.children
        for connection in psutil.Process(child.pid).net_connections()
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


async def test_a_wrong_password_is_refused(stack: Stack) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"postgresql://postgres:wrong@127.0.0.1:{stack.cluster.port}/postgres", ssl=False)


async def test_a_folder_in_use_is_refused(stack: Stack) -> None:
    with pytest.raises(StackError, match="already running"):
        await Stack(Options(stack.data_dir)).__aenter__()
    assert stack.postgres.running


async def test_a_port_in_use_is_refused(data_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StackError, match=f"Port {port} for the Supabase URL is in use.*--supabase-port"):
            await Stack(Options(data_dir, supabase_port=port)).__aenter__()


def test_only_a_folder_we_made_gets_our_mode(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    theirs.chmod(0o755)
    for folder in (theirs, tmp_path / "ours"):
        opened = DataDir(folder)
        opened.open()
        opened.close()
    assert stat.S_IMODE(theirs.stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / "ours").stat().st_mode) & 0o066 == 0


async def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StackError, match="cannot be written"):
        await Stack(Options(tmp_path / "file" / "data")).__aenter__()


async def test_lost_passwords_are_explained(stack: Stack) -> None:
    lost = replace(stack.cluster, credentials=replace(stack.cluster.credentials, supabase_admin="another"))
    with pytest.raises(StackError, match="poew reset"):
        await lost.accepts_connections()
