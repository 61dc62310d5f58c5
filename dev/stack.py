"""The local Supabase: Postgres, PostgREST, the auth service and their gateway, started and stopped as one."""

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from dev.apply import apply
from dev.auth.keys import KeyFileError, KeyRing
from dev.child import Child, Command
from dev.credentials import load_or_create, write_private
from dev.data_dir import DataDir
from dev.failure import StackError
from dev.gateway_command import gateway_command
from dev.log import LogHandler, silent
from dev.net import HOST, free_port, is_free, require_free
from dev.node import ensure_tools
from dev.paths import SUPABASE
from dev.postgres import SUPERUSER, Cluster
from dev.postgrest import PostgrestFiles, postgrest_command


@dataclass(frozen=True)
class Options:
    """What a stack is to be. Port 0 is any free port; `durable=False` is faster, a power cut loses data.

    With `log_handler` the children's output goes there; without one, to files in `<data_dir>/logs`.
    """

    data_dir: Path
    supabase_port: int = 0
    postgres: int = 16
    durable: bool = True
    supabase_dir: Path = SUPABASE
    log_handler: LogHandler | None = None


class Stack:
    """`async with Stack(Options(data_dir)) as stack:` serves `stack.supabase_url` until the block ends.

    The attributes are there once it has started.
    """

    supabase_url: str
    postgrest_url: str
    database_url: str  # TCP, as `postgres`: what migrations run as
    admin_database_url: str  # TCP, as the superuser `supabase_admin`
    publishable_key: str  # `sb_publishable_…`, for the `apikey` header of a client
    secret_key: str  # `sb_secret_…`: acts as service_role
    cron_secret: str  # the bearer secret of the API's cron routes
    keys: KeyRing
    cluster: Cluster
    postgres: Child
    postgrest: Child
    gateway: Child

    def __init__(self, options: Options) -> None:
        self.options = options
        self._folder = DataDir(options.data_dir)
        self.data_dir = self._folder.path
        self._say: LogHandler = silent if options.log_handler is None else options.log_handler
        self._started: list[Child] = []

    async def __aenter__(self) -> Self:
        """Start everything. StackError, with nothing left running, when something cannot start."""
        try:
            self._check_port()
            self._folder.open()
            await ensure_tools(self._say)
            self._plan()
            await self._start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything."""
        await self.stop()

    async def stop(self) -> None:
        """End the children, the last started first; nothing of them runs afterwards."""
        for child in reversed(self._started):
            await child.stop()
        self._started.clear()
        self._folder.close()

    @property
    def children(self) -> list[Child]:
        """The children in the order they start."""
        return [self.postgres, self.postgrest, self.gateway]

    def environment(self) -> dict[str, str]:
        """What `<data_dir>/stack.env` says."""
        return {
            "SUPABASE_URL": self.supabase_url,
            "SUPABASE_PUBLISHABLE_KEY": self.publishable_key,
            "SUPABASE_SECRET_KEY": self.secret_key,
            "DATABASE_URL": self.database_url,
            "CRON_SECRET": self.cron_secret,
        }

    def _check_port(self) -> None:
        if self.options.supabase_port:
            require_free(self.options.supabase_port, "the Supabase URL", "--supabase-port")

    def _plan(self) -> None:
        """Settle every address and key, and how each child is run."""
        options, credentials = self.options, load_or_create(self.data_dir)
        self.publishable_key, self.secret_key = credentials.publishable_key, credentials.secret_key
        self.cron_secret = credentials.cron_secret
        self.cluster = Cluster(
            self.data_dir, options.postgres, self._database_port(), credentials, durable=options.durable
        )
        self.database_url, self.admin_database_url = self.cluster.url("postgres"), self.cluster.url(SUPERUSER)
        port, rest_port = options.supabase_port or free_port(), free_port()
        self.supabase_url, self.postgrest_url = f"http://{HOST}:{port}", f"http://{HOST}:{rest_port}"
        files = PostgrestFiles(self.data_dir)
        self._load_keys(files)
        self.postgres = self._child(self.cluster.command())
        rest = postgrest_command(files, self.cluster.url("authenticator"), rest_port, free_port())
        self.postgrest = self._child(rest, files.pid)
        self.gateway = self._child(gateway_command(port, self.publishable_key, self._for_gateway(files)))

    def _database_port(self) -> int:
        # As on the platform's own local stack, the database is next to the API; elsewhere if that is taken.
        beside = self.options.supabase_port + 1
        return beside if self.options.supabase_port and is_free(beside) else free_port()

    def _load_keys(self, files: PostgrestFiles) -> None:
        try:
            self.keys = KeyRing.load_or_create(files.keys, files.jwks)
        except KeyFileError as error:
            raise StackError(str(error)) from error

    def _for_gateway(self, files: PostgrestFiles) -> dict[str, str]:
        return {
            "SUPABASE_URL": self.supabase_url,
            "SUPABASE_PUBLISHABLE_KEY": self.publishable_key,
            "SUPABASE_SECRET_KEY": self.secret_key,
            "AUTH_DATABASE_URL": self.cluster.url("supabase_auth_admin"),
            "POSTGREST_URL": self.postgrest_url,
            "KEYS_FILE": str(files.keys),
            "JWKS_FILE": str(files.jwks),
        }

    def _child(self, command: Command, pid_file: Path | None = None) -> Child:
        return Child(command, self._folder.logs / f"{command.name}.log", self.options.log_handler, pid_file)

    async def _start(self) -> None:
        if await self.cluster.ensure_initialised():
            self._say("stack", f"created a Postgres {self.options.postgres} database in {self.cluster.link}")
        await self._launch(self.postgres)
        await self.postgres.ready()
        await apply(self.cluster, self.options.supabase_dir, self._say)
        await self._launch(self.postgrest)
        await self._launch(self.gateway)
        await self.postgrest.ready()
        await self.gateway.ready()
        lines = [f"{name}={value}\n" for name, value in self.environment().items()]
        write_private(self.data_dir / "stack.env", "".join(lines))

    async def _launch(self, child: Child) -> None:
        self._started.append(child)
        await child.start()
