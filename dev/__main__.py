"""The commands of the local stack: `python -m dev COMMAND`, or `./poew COMMAND`."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Final

from dev import commands
from dev.failure import StackError
from dev.paths import DEFAULT_DATA_DIR

COMMANDS: Final[dict[str, Callable[[argparse.Namespace], Coroutine[object, object, None]]]] = {
    "dev": commands.dev,
    "stack": commands.stack,
    "reset": commands.reset,
    "token": commands.token,
    "rotate-keys": commands.rotate_keys,
}


def main(arguments: list[str]) -> int:
    """Run one command; its exit code."""
    options = _parser().parse_args(arguments)
    # A relative folder is relative to where the person stood, which the task runner left.
    options.data_dir = Path(os.environ.get("POE_PWD", "."), options.data_dir).resolve()
    try:
        asyncio.run(COMMANDS[options.command](options))
    except StackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="poew")
    subcommands = parser.add_subparsers(dest="command", required=True)
    every = argparse.ArgumentParser(add_help=False)
    every.add_argument("--data-dir", type=Path, default=DEFAULT_DATA_DIR, help="default: .data in the project")
    serving = argparse.ArgumentParser(add_help=False, parents=[every])
    serving.add_argument("--supabase-port", type=_port, default=54321, help="of the local Supabase (54321)")
    serving.add_argument("--postgres", type=int, choices=(16, 18), default=16, help="its major version (16)")
    dev = subcommands.add_parser("dev", parents=[serving], help="serve the stack and the API")
    dev.add_argument("--port", type=_port, default=8000, help="of the API (8000)")
    subcommands.add_parser("stack", parents=[serving], help="serve the stack")
    subcommands.add_parser("reset", parents=[every], help="delete the database")
    token = subcommands.add_parser("token", parents=[every], help="print an access token")
    token.add_argument("email", nargs="?", help="default: the demo person")
    subcommands.add_parser("rotate-keys", parents=[every], help="sign with the next key")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text} is no port (1…65535)")
    return int(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
