"""`poe pgtap`: the pgTAP tests of supabase/tests without Docker; `supabase test db` and pg_prove run the same files.

On the platform pgTAP is an extension in the schema `extensions`. It is plain SQL, which npm carries, so here it is
loaded into the transaction of each test file and rolled back with it: nothing stays behind.
"""

import argparse
import asyncio
import re
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import asyncpg

from dev.failure import StackError
from dev.node import MODULES
from dev.paths import SUPABASE
from dev.pg_install import FOLDERS
from dev.stack import Options, Stack

ARCHIVE: Final = MODULES / "@electric-sql/pglite-pgtap/dist/pgtap.tar.gz"
_INSTALLER: Final = re.compile(r"/pgtap--\d+\.\d+\.\d+\.sql$")

# Texts and comments hold semicolons of their own, and a word may hold a dollar sign.
_TOKEN: Final = re.compile(
    r"(?P<dollar>\$(?:[A-Za-z_]\w*)?\$).*?(?P=dollar)|'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/|\w[\w$]*|.",
    re.DOTALL,
)
_COMMENTS: Final = re.compile(r"(?:\s+|--[^\n]*(?:\n|\Z)|/\*.*?\*/)+", re.DOTALL)
_OWN_TRANSACTION: Final = frozenset({"begin;", "rollback;"})


def pgtap_files() -> list[Path]:
    """Every pgTAP file of the project."""
    return sorted((SUPABASE / "tests").glob("*.sql"))


async def run_file(path: Path, admin_database_url: str) -> list[str]:
    """The TAP lines of one file, run as `postgres` as on the platform. An SQL error is a line `not ok` of its own."""
    connection = await asyncpg.connect(admin_database_url, ssl=False, statement_cache_size=0)
    lines: list[str] = []
    at = 0
    try:
        await connection.execute("begin; set local search_path = extensions")
        await connection.execute(_pgtap())
        await connection.execute(
            'set local search_path = "$user", public, extensions; set local session authorization postgres'
        )
        for at, statement in _statements(await asyncio.to_thread(path.read_text)):  # noqa: B007  # named below
            for row in await connection.fetch(statement):
                lines += [line for value in row if value is not None for line in str(value).splitlines()]
    except asyncpg.PostgresError as error:
        lines.append(f"not ok - {path.name}:{at} stopped: {error.sqlstate} {error}")
    finally:
        await connection.execute("rollback")
        await connection.close()
    return lines


def failures(lines: list[str]) -> list[str]:
    """What went wrong in these TAP lines, with pgTAP's words about it: failed tests, and a plan that was not kept."""
    wrong = [line for line in lines if line.startswith(("not ok", "#"))]
    plans = [int(line.removeprefix("1..")) for line in lines if re.fullmatch(r"1\.\.\d+", line)]
    ran = sum(line.startswith(("ok ", "not ok ")) for line in lines)
    return wrong if plans == [ran] else [*wrong, f"# planned {plans}, ran {ran}"]


def _pgtap() -> str:
    if not ARCHIVE.exists():
        raise StackError("pgTAP is missing: run `npm ci` in dev/, or ./poew stack, which does it.")
    with tarfile.open(ARCHIVE) as archive:
        name = max((name for name in archive.getnames() if _INSTALLER.search(name)), key=_version)
        file = archive.extractfile(name)
        assert file is not None  # noqa: S101  # a regular file of the archive
        # psql's own commands guard against loading it by hand, which is just what we do.
        return "\n".join(line for line in file.read().decode().splitlines() if not line.startswith("\\"))


def _version(name: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", name.rpartition("/")[2])))


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Line number and text of each statement of a file, but for its begin and rollback: the runner has its own."""
    start = 0
    for token in _TOKEN.finditer(text):
        if token[0] == ";" or token.end() == len(text):
            comments = _COMMENTS.match(text, start, token.end())
            begin = comments.end() if comments else start
            statement = text[begin : token.end()]
            if statement and statement.lower() not in _OWN_TRANSACTION:
                yield text.count("\n", 0, begin) + 1, statement
            start = token.end()


async def _run_all(postgres: int) -> int:
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        async with Stack(Options(Path(folder) / "data", postgres=postgres, durable=False)) as stack:
            for path in pgtap_files():
                lines = await run_file(path, stack.admin_database_url)
                wrong = failures(lines)
                verdict = "FAILED" if wrong else f"{sum(line.startswith('ok ') for line in lines)} fine"
                print(f"Postgres {postgres}: {path.name}: {verdict}", *wrong, sep="\n  ", flush=True)
                failed += bool(wrong)
    return failed


async def main(versions: list[int]) -> int:
    """Runs every file on a stack of its own for each major version; prints what failed. 0 when nothing did."""
    try:
        return 1 if sum([await _run_all(version) for version in versions]) else 0
    except StackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tools.pgtap", description="Run the pgTAP tests of supabase/tests.")
    parser.add_argument("--postgres", type=int, choices=list(FOLDERS), help="major version; each in turn by default")
    chosen = parser.parse_args().postgres
    sys.exit(asyncio.run(main([chosen] if chosen else list(FOLDERS))))
