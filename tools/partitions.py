"""The same project with its largest tables in partitions by person, as docs/scaling.md proposes: made to be tried.

`python -m tools.partitions FOLDER` writes a Supabase folder there, with one migration and the seeds. Keys of a
partitioned table contain the column it is partitioned by, so a few grow by `user_id`; nothing else changes.
"""

import re
import shutil
import sys
from pathlib import Path
from typing import Final

from dev.paths import SUPABASE

PARTITIONS: Final = 16
TABLES: Final = ("sets", "affinity_events", "chat_messages")

# What must be local to a person, table by table. Everything else is so already.
_LOCAL_KEYS: Final = (
    ("unique (reply_to)", "unique (user_id, reply_to)"),
    (
        "source_message_id uuid references public.chat_messages on delete set null,",
        "source_message_id uuid,\n  constraint memories_message_of_owner foreign key (source_message_id, user_id)"
        " references public.chat_messages (id, user_id) on delete set null (source_message_id),",
    ),
)


def partitioned_schema() -> str:
    """The schema files as one migration, with the tables in partitions. ValueError when a key is not found any more."""
    sql = "\n".join(file.read_text() for file in sorted((SUPABASE / "schemas").glob("*.sql")))
    for key, local in _LOCAL_KEYS:
        if sql.count(key) != 1:
            raise ValueError(f"{sql.count(key)} places have {key!r}")
        sql = sql.replace(key, local)
    for table in TABLES:
        sql = _partition(sql, table)
    return sql


def write_project(folder: Path) -> None:
    """Writes the Supabase folder."""
    shutil.copytree(SUPABASE, folder, ignore=shutil.ignore_patterns("migrations", "schemas", ".temp"))
    (folder / "migrations").mkdir()
    (folder / "migrations/20260101000000_partitioned.sql").write_text(partitioned_schema())


def _partition(sql: str, table: str) -> str:
    found = re.search(rf"create table public\.{table} \(\n(.*?)\n\);\n", sql, re.DOTALL)
    if found is None:
        raise ValueError(f"there is no table {table}")
    columns = found[1].replace("id uuid primary key default", "id uuid not null default", 1)
    # The primary key is what `unique (id, user_id)` was for.
    columns = re.sub(rf"\n  constraint {table}_id_of_owner unique \(id, user_id\),", "", columns)
    # In `private`, where nobody reaches a partition but through its table.
    parts = "".join(
        f"create table private.{table}_{n} partition of public.{table}"
        f" for values with (modulus {PARTITIONS}, remainder {n});\n"
        for n in range(PARTITIONS)
    )
    key = f"  constraint {table}_pkey primary key (id, user_id)"
    whole = f"create table public.{table} (\n{columns},\n{key}\n) partition by hash (user_id);\n{parts}"
    return sql[: found.start()] + whole + sql[found.end() :]


if __name__ == "__main__":
    write_project(Path(sys.argv[1]))
