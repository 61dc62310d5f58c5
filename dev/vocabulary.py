"""`poe generate-vocabulary`: writes src/core/vocabulary.py from the database's enum types, the one place for them."""

import asyncio
import sys
from pathlib import Path

import asyncpg

TARGET = Path(__file__).parents[1] / "src/core/vocabulary.py"
_HEADER = '''"""The words of the field. Generated from the database's enum types by `poe generate-vocabulary`; do not edit."""

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
    return f"\n\nclass {title}(StrEnum):\n" + "".join(
        f'    {label.upper()} = "{label}"\n' for label in labels
    )


if __name__ == "__main__":
    TARGET.write_text(asyncio.run(vocabulary(sys.argv[1])))
