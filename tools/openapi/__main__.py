"""`python -m tools.openapi generate|verify|publish|release`, or `./poew generate-openapi` and so on."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from dev.paths import ROOT
from tools.openapi.document import OPENAPI, build, render, version_of
from tools.openapi.failure import ContractError
from tools.openapi.frontend import WEB, publish, stale_or_broken
from tools.openapi.release import RELEASED, broken_promises, release
from tools.openapi.rules import broken_rules

STALE: Final = "openapi.json is not what the code says: run ./poew generate-openapi, and commit it."


def _generate(_: argparse.Namespace) -> None:
    OPENAPI.write_text(render(build()))
    print(f"{OPENAPI.name} written")


def _is_stale() -> bool:
    return not OPENAPI.exists() or OPENAPI.read_text() != render(build())


def _verify(_: argparse.Namespace) -> None:
    document = build()
    found = [STALE] if _is_stale() else []
    found += broken_rules(document)
    found += broken_promises(document)
    # With a stale contract the frontend is stale too; one sentence says it.
    found += [] if _is_stale() else stale_or_broken()
    if found:
        raise ContractError("\n".join(found))
    since = "compared with the last release" if RELEASED.exists() else "nothing is released yet to compare with"
    print(f"openapi.json {version_of(document)} is current, valid and documented; {since}; web/ compiles with it")


def _publish(options: argparse.Namespace) -> None:
    if _is_stale():
        raise ContractError(STALE)
    # A relative folder is relative to where the person stood, which the task runner left.
    folder = Path(os.environ.get("POE_PWD", "."), options.to).resolve() if options.to else WEB
    publish(folder)
    print(f"{folder} has the contract and a client made from it")


def _release(_: argparse.Namespace) -> None:
    if _is_stale():
        raise ContractError(STALE)
    document = build()
    release(document)
    print(f"{RELEASED.relative_to(ROOT)} is version {version_of(document)} now: commit it and tag the commit")


COMMANDS: Final[dict[str, Callable[[argparse.Namespace], None]]] = {
    "generate": _generate,
    "verify": _verify,
    "publish": _publish,
    "release": _release,
}


def main(arguments: list[str]) -> int:
    """Run one command; its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.openapi")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("generate", help="write openapi.json from the code")
    commands.add_parser("verify", help="fail when the contract is stale, wrong, or breaks its promises")
    to = commands.add_parser("publish", help="copy it to the frontend and run its generator")
    to.add_argument("--to", default=os.environ.get("FRONTEND_DIR", ""), help="the frontend's folder (web/)")
    commands.add_parser("release", help="make it the contract that later ones are held against")
    options = parser.parse_args(arguments)
    try:
        COMMANDS[options.command](options)
    except ContractError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
