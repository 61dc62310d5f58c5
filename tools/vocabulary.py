"""`poe generate-vocabulary`: writes src/vocabulary.py from the database's enum types, the one place for them."""

import asyncio
import sys
from pathlib import Path

import asyncpg

from dev.paths import DEFAULT_DATA_DIR

TARGET = Path(__file__).parents[1] / "src/vocabulary.py"
_HEADER = '''"""The words of the field: the database's enum types, written by `poe generate-vocabulary`. Do not edit."""

from enum import StrEnum
'''
_TYPES = """
    select t.typname as name, array_agg(e.enumlabel order by e.enumsortorder) as labels
      from pg_type t join pg_enum e on e.enumtypid = t.oid join pg_namespace n on n.oid = t.typnamespace
     where n.nspname = 'public' group by t.typname order by t.typname
"""


async def vocabulary(database_url: str) -> str:
    """The module's source, from the enum types of the database at this URL."""
    connection = await asyncpg.connect(database_url)
    try:
        rows = await connection.fetch(_TYPES)
    finally:
        await connection.close()
    return _HEADER + "".join(_enum(row["name"], row["labels"]) for row in rows)


def _enum(name: str, labels: list[str]) -> str:
    title = "".join(part.capitalize() for part in name.split("_"))
    return f"\n\nclass {title}(StrEnum):\n" + "".join(f'    {label.upper()} = "{label}"\n' for label in labels)


async def main(url: str) -> None:
    """Writes the module for the database at `url`."""
    TARGET.write_text(await vocabulary(url))


if __name__ == "__main__":
    # By default the local stack's database, as its stack.env names it.
    lines = (DEFAULT_DATA_DIR / "stack.env").read_text().splitlines() if len(sys.argv) == 1 else []
    named = dict(line.split("=", 1) for line in lines if "=" in line)
    asyncio.run(main(named["DATABASE_URL"] if named else sys.argv[1]))
