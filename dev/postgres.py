"""Postgres for the stack: a cluster with passwords, listening on loopback TCP only."""

import asyncio
import locale
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

from dev import pg_leftovers
from dev.account import place_for, server_account
from dev.child import Command
from dev.credentials import Credentials, write_private
from dev.failure import StackError
from dev.net import HOST
from dev.pg_install import binaries
from dev.run import run

SUPERUSER: Final = "supabase_admin"
SETTINGS: Final = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "wal_level": "logical",  # as on the platform; the publication for realtime wants it
    "max_wal_size": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
}
# For throw-away clusters of tests: a crash of the machine may lose them, a crash of Postgres does not.
NOT_DURABLE: Final = {"fsync": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Cluster:
    """A database cluster of one major version below the data folder."""

    data_dir: Path
    version: int
    port: int
    credentials: Credentials
    durable: bool = True

    @property
    def link(self) -> Path:
        """`<data_dir>/postgres-<version>`: the cluster, or a link to it where it had to live elsewhere."""
        return self.data_dir / f"postgres-{self.version}"

    @property
    def pgdata(self) -> Path:
        """The folder of the cluster."""
        return self.link.resolve() if self.link.exists() else place_for(self.link)

    def url(self, role: str, database: str = "postgres") -> str:
        """The address of a database for a login role."""
        return self.credentials.database_url(role, self.port, database)

    @asynccontextmanager
    async def connect(
        self, role: str, database: str = "postgres"
    ) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """A connection as a login role, closed at the end of the block."""
        connection = await asyncpg.connect(self.url(role, database), ssl=False)
        try:
            yield connection
        finally:
            await connection.close()

    async def ensure_initialised(self) -> bool:
        """Make the cluster if it is not there; whether it was made now."""
        if (self.link / "PG_VERSION").exists():
            return False
        self.remove()
        self.pgdata.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{self.pgdata.name}.", dir=self.pgdata.parent))
        try:
            await self._initdb(scratch)
            self._publish(scratch)  # whole or not at all: an interrupted initdb leaves nothing
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return True

    def _publish(self, scratch: Path) -> None:
        scratch.rename(self.pgdata)
        if self.pgdata != self.link:
            self.link.symlink_to(self.pgdata)

    def remove(self) -> None:
        """Delete the cluster and all data in it."""
        shutil.rmtree(self.pgdata, ignore_errors=True)
        if self.link.is_symlink():
            self.link.unlink()

    async def _initdb(self, target: Path) -> None:
        account = server_account()
        secret = target.parent / f"{target.name}.password"
        write_private(secret, self.credentials.supabase_admin + "\n")
        if account is not None:
            os.chown(target, account.uid, account.gid)
            os.chown(secret, account.uid, account.gid)
        try:
            done = await run(self._initdb_command(target, secret), Path("/"), _environment(), account)
        finally:
            secret.unlink()
        if done.code != 0:
            raise StackError(f"The database could not be created: {done.output.strip()}")

    def _initdb_command(self, target: Path, secret: Path) -> list[str]:
        command = [str(binaries(self.version) / "initdb"), "-D", str(target), "-U", SUPERUSER]
        command += [f"--pwfile={secret}", "--auth=scram-sha-256", "--encoding=UTF8"]
        command += [f"--locale={_utf8_locale()}", "--no-instructions"]
        return command if self.durable else [*command, "--no-sync"]

    def command(self) -> Command:
        """How to run the server."""
        settings = {**SETTINGS, "port": str(self.port), **({} if self.durable else NOT_DURABLE)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Command(
            name="postgres",
            argv=[str(binaries(self.version) / "postgres"), "-D", str(self.pgdata), *options],
            check=self.accepts_connections,
            env=_environment(),
            cwd=Path("/"),
            account=server_account(),
            stop_signal=signal.SIGINT,  # "fast": ends sessions and writes a checkpoint
            prepare=self._clear_leftovers,
        )

    async def _clear_leftovers(self) -> None:
        await asyncio.to_thread(pg_leftovers.clear, self.pgdata)

    async def accepts_connections(self) -> bool:
        """Whether the superuser can connect; StackError when its password is refused."""
        try:
            connection = await asyncpg.connect(self.url(SUPERUSER), timeout=5, ssl=False)
        except (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
            return False
        except asyncpg.InvalidPasswordError as error:
            raise StackError(
                f"The database in {self.link} does not accept the passwords of "
                f"{self.data_dir / 'credentials.json'}: run ./poew reset to start anew."
            ) from error
        await connection.close()
        return True


def _environment() -> dict[str, str]:
    # Nothing of the person's own PG* settings, and a PATH only because programs expect one.
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": _utf8_locale(), "TZ": "UTC"}


def _utf8_locale() -> str:
    """A locale in which case folding works beyond ASCII; its name differs between systems."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "en_US.UTF-8"):
            try:
                locale.setlocale(locale.LC_CTYPE, name)
            except locale.Error:
                continue
            return name
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return "C"
