"""PostgREST for the stack: configuration, readiness check, and reloading of its keys."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path

import psutil

from dev.child import Command
from dev.credentials import write_private
from dev.net import HOST, http_status
from dev.node import postgrest_binary


@dataclass(frozen=True)
class PostgrestFiles:
    """Where it keeps its things in the data folder."""

    data_dir: Path

    @property
    def config(self) -> Path:
        """Its configuration; mode 600, since it holds a password."""
        return self.data_dir / "postgrest.conf"

    @property
    def jwks(self) -> Path:
        """The public keys it verifies tokens with."""
        return self.data_dir / "jwks.json"

    @property
    def keys(self) -> Path:
        """The private keys of the auth service; not for PostgREST."""
        return self.data_dir / "keys.json"

    @property
    def pid(self) -> Path:
        """Its process id, for `tell_keys_changed`."""
        return self.data_dir / "postgrest.pid"


def postgrest_command(files: PostgrestFiles, database_url: str, port: int, admin_port: int) -> Command:
    """Write the configuration; how to run it."""
    write_private(files.config, _configuration(files, database_url, port, admin_port))

    async def is_ready() -> bool:
        # 200 when the pool is connected and the schema cache is loaded.
        return await http_status(admin_port, "/ready", {}) == 200

    return Command(
        name="postgrest",
        argv=[str(postgrest_binary()), str(files.config)],
        check=is_ready,
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"},
        cwd=files.data_dir,
    )


def _configuration(files: PostgrestFiles, database_url: str, port: int, admin_port: int) -> str:
    # As on the platform, which sets no `jwt-aud`: the keys of the service role carry no audience.
    values: dict[str, str | int | bool] = {
        "db-uri": database_url,
        "db-schemas": "public",
        "db-extra-search-path": "public, extensions",
        "db-anon-role": "anon",
        "db-max-rows": 1000,
        "db-pool": 10,
        "db-channel-enabled": True,
        "jwt-secret": f"@{files.jwks}",
        "server-host": HOST,
        "server-port": port,
        "admin-server-port": admin_port,
        "log-level": "error",
    }
    return "".join(f"{name} = {_quoted(value)}\n" for name, value in values.items())


def _quoted(value: str | int | bool) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def tell_keys_changed(files: PostgrestFiles) -> bool:
    """Have the running PostgREST read its keys again; False when none runs."""
    try:
        process = psutil.Process(int(files.pid.read_text()))
        # A stale file may name another program by now, which the signal would end.
        if process.name() != "postgrest":
            return False
        process.send_signal(signal.SIGUSR2)
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return False
    return True
