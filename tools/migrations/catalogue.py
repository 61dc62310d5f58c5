"""What a database is made of, as text, and how two of them differ (`catalogue.sql` lists what counts)."""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import asyncpg

QUERY: Final = Path(__file__).with_name("catalogue.sql")


async def read_catalogue(connection: "asyncpg.Connection[asyncpg.Record]") -> dict[str, str]:
    """The definition of each object of the connected database, by the object's kind and name."""
    async with connection.transaction():
        # Postgres then writes every name with its schema.
        await connection.execute("set local search_path = ''")
        return {row["object"]: row["definition"] for row in await connection.fetch(QUERY.read_text())}


def differences(sides: tuple[str, str], left: Mapping[str, str], right: Mapping[str, str]) -> Iterator[str]:
    """A sentence and a unified diff for each object that differs between two catalogues, which `sides` names."""
    for name in sorted(left.keys() | right.keys()):
        before, after = left.get(name), right.get(name)
        if before == after:
            continue
        if before is None:
            sentence = f"Missing in the {sides[0]}: {name}"
        elif after is None:
            sentence = f"Missing in the {sides[1]}: {name}"
        else:
            sentence = f"Not the same in both: {name}"
        lines = difflib.unified_diff((before or "").splitlines(), (after or "").splitlines(), *sides, lineterm="")
        yield "\n".join([sentence, *lines])
