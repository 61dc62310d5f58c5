"""What a turn of the conversation costs us: POST /chat with the companion that needs no model."""

import json
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from uuid import uuid4

import asyncpg

from bench.load import LoadClient, load
from bench.people import sign_up_user
from bench.servers import serving
from bench.table import TableRow, print_table
from dev.stack import Options, Stack

_JSON = {"content-type": "application/json"}
SECONDS = 5.0
CALLERS = (1, 8)
_TALK = (
    "I prefer training in the morning.",
    "When do I like to train?",
    "What should I do today?",
    "How was my last workout?",
    "Thanks, see you tomorrow",
)


async def bench_chat(folder: Path) -> None:
    """Prints a table: one person, then several at once."""
    async with Stack(Options(folder, durable=False)) as stack:
        await lift_the_limit(stack)
        with serving("src.main:app", stack) as server:
            rows: list[TableRow] = []
            for number in CALLERS:
                people = [await sign_up_user(stack, plans=1) for _ in range(number)]
                callers = [LoadClient([{**person.headers, **_JSON}], _talk()) for person in people]
                run = await load(f"{server.url}/api/v1/chat", callers, seconds=SECONDS, process=server.process)
                rows.append(
                    {
                        "people": str(number),
                        "messages/s": f"{run.per_second:.0f}",
                        "p50 ms": f"{run.p50:.1f}",
                        "p99 ms": f"{run.p99:.1f}",
                        "CPU us/message": "" if run.cpu_us is None else f"{run.cpu_us:.0f}",
                    }
                )
    print_table("POST /api/v1/chat, offline", rows)


async def lift_the_limit(stack: Stack) -> None:
    """Here one may talk all day."""
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        await connection.execute(
            "create or replace function private.daily_limit(kind public.usage_kind) returns integer"
            " language sql immutable set search_path = '' as 'select 1000000'"
        )
    finally:
        await connection.close()


def _talk() -> Callable[[], bytes]:
    messages = cycle(_TALK)
    return lambda: json.dumps({"client_id": str(uuid4()), "message": next(messages)}).encode()
