"""`poe pgtap`: the pgTAP tests of supabase/tests without Docker.

pgTAP is plain SQL, which npm carries; it is loaded into the transaction of each test file and rolled back with it, so
nothing stays behind.
"""

import asyncio
import re
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import asyncpg

from dev.node import MODULES
from dev.paths import SUPABASE
from dev.stack import Options, Stack

ARCHIVE: Final = MODULES / "@electric-sql/pglite-pgtap/dist/pgtap.tar.gz"
_INSTALLER: Final = re.compile(r"/pgtap--\d+\.\d+\.\d+\.sql$")
_QUOTED: Final = re.compile(r"(\$\w*\$)(.*?)\1", re.DOTALL)


def test_files() -> list[Path]:
    """Every pgTAP file of the project."""
    return sorted((SUPABASE / "tests").glob("*.sql"))


async def run_file(path: Path, admin_database_url: str) -> list[str]:
    """The TAP lines of one file. An SQL error is a line `not ok` of its own."""
    text = await asyncio.to_thread(path.read_text)
    connection = await asyncpg.connect(admin_database_url, ssl=False)
    lines: list[str] = []
    try:
        await connection.execute("begin; set local search_path = extensions, public")
        await connection.execute(_pgtap())
        for statement in _statements(text):
            lines += [str(value) for row in await connection.fetch(statement) for value in row if value is not None]
    except asyncpg.PostgresError as error:
        lines.append(f"not ok - {path.name} stopped: {error}")
    finally:
        await connection.execute("rollback")
        await connection.close()
    return lines


def failures(lines: list[str]) -> list[str]:
    """What went wrong in these TAP lines: failed tests, and a plan that was not kept."""
    wrong = [line for line in lines if line.startswith(("not ok", "# Looks like")) or "\nnot ok" in line]
    return wrong if any(line.startswith("1..") for line in lines) else [*wrong, "no plan"]


def _pgtap() -> str:
    with tarfile.open(ARCHIVE) as archive:
        name = max((name for name in archive.getnames() if _INSTALLER.search(name)), key=_version)
        file = archive.extractfile(name)
        assert file is not None  # noqa: S101  # a regular file of the archive
        # psql's own commands guard against loading it by hand, which is just what we do.
        return "\n".join(line for line in file.read().decode().splitlines() if not line.startswith("\\"))


def _version(name: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", name.rpartition("/")[2])))


def _statements(text: str) -> Iterator[str]:
    """The statements of a file, each ending a line, without its own begin and rollback: the runner has those."""
    hidden = _QUOTED.sub(lambda found: found[0].replace(";\n", "\0"), text)
    for part in hidden.split(";\n"):
        statement = "\n".join(line for line in part.replace("\0", ";\n").splitlines() if not line.startswith("--"))
        if statement.strip() and statement.strip().lower() not in {"begin", "rollback"}:
            yield statement


async def main() -> int:
    """Runs every file on a stack of its own; prints TAP."""
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        async with Stack(Options(Path(folder) / "data", durable=False)) as stack:
            for path in test_files():
                lines = await run_file(path, stack.admin_database_url)
                print(f"# {path.name}", *lines, sep="\n")
                failed += len(failures(lines))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
