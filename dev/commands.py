"""What each command of `python -m dev` does."""

import argparse
from pathlib import Path

import httpx

from dev import pg_leftovers
from dev.auth.keys import KeyFileError, KeyRing
from dev.credentials import load_or_create
from dev.data_dir import DataDir
from dev.demo import EMAILS, AuthClient
from dev.failure import StackError
from dev.log import say, to_screen_filtered
from dev.pg_install import FOLDERS
from dev.postgres import Cluster
from dev.postgrest import PostgrestFiles, tell_keys_changed
from dev.stack import Options
from dev.supervisor import Supervisor, until_signalled


async def dev(arguments: argparse.Namespace) -> None:
    """The stack and the API, until a signal."""
    await until_signalled(Supervisor(_options(arguments), arguments.port).run)


async def stack(arguments: argparse.Namespace) -> None:
    """The stack, until a signal."""
    await until_signalled(Supervisor(_options(arguments)).run)


def _options(arguments: argparse.Namespace) -> Options:
    return Options(
        data_dir=arguments.data_dir,
        supabase_port=arguments.supabase_port,
        postgres=arguments.postgres,
        log_handler=to_screen_filtered,
    )


async def reset(arguments: argparse.Namespace) -> None:
    """Delete the databases of the data folder; keys and passwords stay."""
    folder = DataDir(arguments.data_dir)
    folder.open()
    try:
        for version in FOLDERS:
            cluster = Cluster(folder.path, version, 0, load_or_create(folder.path))
            if cluster.link.exists():
                pg_leftovers.clear(cluster.pgdata)
                cluster.remove()
    finally:
        folder.close()
    say("the database is deleted; the next start makes a new one")


async def token(arguments: argparse.Namespace) -> None:
    """An access token on stdout, and nothing else there."""
    values = _stack_environment(arguments.data_dir)
    auth = AuthClient(values["SUPABASE_URL"], values["SUPABASE_PUBLISHABLE_KEY"], values["SUPABASE_SECRET_KEY"])
    try:
        print(await auth.token(arguments.email or EMAILS[0]))
    except httpx.TransportError as error:
        raise StackError(f"Nothing answers at {values['SUPABASE_URL']}: start it with ./poew dev.") from error


def _stack_environment(data_dir: Path) -> dict[str, str]:
    try:
        lines = (data_dir / "stack.env").read_text().splitlines()
    except OSError as error:
        raise StackError(f"No stack has run in {data_dir}: start one with ./poew dev.") from error
    return dict(line.split("=", 1) for line in lines)


async def rotate_keys(arguments: argparse.Namespace) -> None:
    """The standby key signs from now on, and PostgREST is told."""
    files = PostgrestFiles(arguments.data_dir)
    if not files.keys.exists():
        raise StackError(f"There are no keys in {arguments.data_dir}: a first start of the stack makes them.")
    try:
        current = KeyRing.load_or_create(files.keys, files.jwks).rotate()
    except (KeyFileError, OSError) as error:
        raise StackError(f"The keys could not be rotated: {error}") from error
    told = "PostgREST was told" if tell_keys_changed(files) else "PostgREST does not run now"
    say(f"tokens are signed with key {current.kid} from now on; {told}")
