"""Which partitions each request touches, on the project of tools/partitions.py: one, if all is local to a person."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx

from bench.people import BenchUser, sign_up_user
from bench.servers import serving, working
from bench.table import TableRow, print_table
from bench.workouts import lifts, sessions
from dev.stack import Options, Stack
from tools.partitions import TABLES, write_project

_COUNTS = """
    select relname, coalesce(seq_scan, 0) + coalesce(idx_scan, 0) + n_tup_ins + n_tup_upd + n_tup_del as touched
      from pg_stat_all_tables
     where schemaname = 'private' and relname ~ '^(sets|affinity_events|chat_messages)_[0-9]+$'"""
# A connection tells its counts when it ends.
_END_CONNECTIONS = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = 'authenticator'"

Request = Callable[[], Awaitable[httpx.Response]]


async def bench_partitions(folder: Path) -> None:
    """Prints a row for each request that reads or writes one of the tables."""
    write_project(folder / "supabase")
    async with Stack(Options(folder / "data", durable=False, supabase_dir=folder / "supabase")) as stack:
        people = [await sign_up_user(stack, plans=0) for _ in range(4)]
        with serving("src.main:app", stack) as api, working(stack):
            connection = await asyncpg.connect(stack.admin_database_url, ssl=False, timeout=60)
            try:
                for person in people[1:]:
                    await _fill(api.url, person)
                async with _client(api.url, people[0]) as client:
                    rows = [await _touched(connection, client, *request) async for request in _requests(client)]
                print_table("Partitions that a request touches, of 16", rows)
            finally:
                await connection.close()


@asynccontextmanager
async def _client(url: str, person: BenchUser) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{url}/api/v1", headers=person.headers, timeout=30) as client:
        yield client


async def _fill(url: str, person: BenchUser) -> None:
    """Somebody else's history, which lies in other partitions."""
    body = sessions(await lifts(url, person))
    async with _client(url, person) as client:
        for _ in range(3):
            (await client.post("/workouts/log", content=body(), headers=_JSON)).raise_for_status()
        (await client.post("/chat", json=_message("I love training in the morning."))).raise_for_status()


_JSON = {"content-type": "application/json"}


def _message(text: str) -> dict[str, str]:
    return {"client_id": str(uuid4()), "message": text}


async def _requests(client: httpx.AsyncClient) -> AsyncIterator[tuple[str, Request]]:
    """Requests in an order in which each finds something; made one at a time, because some need what others made."""
    lift_ids = await lifts(str(client.base_url).removesuffix("/api/v1/"), BenchUser("", _token(client)))
    make = sessions(lift_ids)
    bodies = [make() for _ in range(3)]
    for body in bodies:
        yield "POST /workouts/log", partial(client.post, "/workouts/log", content=body, headers=_JSON)
    yield "POST /workouts/log again", lambda: client.post("/workouts/log", content=bodies[0], headers=_JSON)
    newest = (await client.get("/workouts")).json()["items"][0]
    edited = {**json.loads(bodies[2]), "name": "Edited"}
    changed = {name: value for name, value in edited.items() if name != "client_id"}
    yield "GET /workouts", lambda: client.get("/workouts")
    yield "GET /workouts?exercise_id=…", lambda: client.get("/workouts", params={"exercise_id": lift_ids[0]})
    yield "GET /workouts/{id}", lambda: client.get(f"/workouts/{newest['id']}")
    yield "PUT /workouts/{id}", lambda: client.put(f"/workouts/{newest['id']}", json=changed)
    for path in ("summary", "records", "volume", "calendar", f"exercises/{lift_ids[0]}"):
        yield f"GET /stats/{path.partition('/')[0]}", partial(client.get, f"/stats/{path}")
    yield "GET /workouts/next", lambda: client.get("/workouts/next")
    yield "GET /affinity", lambda: client.get("/affinity")
    yield "GET /affinity/events", lambda: client.get("/affinity/events")
    yield "POST /chat", lambda: client.post("/chat", json=_message("I prefer squats. How am I doing?"))
    messages = (await client.get("/chat/messages")).json()["items"]
    reply = next(message for message in messages if message["role"] == "assistant")
    yield "GET /chat/messages", lambda: client.get("/chat/messages")
    yield "GET /chat/messages/{id}/evidence", lambda: client.get(f"/chat/messages/{reply['id']}/evidence")
    yield "GET /memories", lambda: client.get("/memories")
    yield "DELETE /memories", lambda: client.delete("/memories")
    yield "GET /users/me/export", lambda: client.get("/users/me/export")
    yield "DELETE /workouts/{id}", lambda: client.delete(f"/workouts/{newest['id']}")
    yield "DELETE /chat/messages", lambda: client.delete("/chat/messages")
    yield "DELETE /users/me", lambda: client.delete("/users/me")


def _token(client: httpx.AsyncClient) -> str:
    return client.headers["authorization"].removeprefix("Bearer ")


async def _touched(connection: asyncpg.Connection, client: httpx.AsyncClient, name: str, send: Request) -> TableRow:
    await _settle(connection, client)
    before = await _counts(connection)
    status = (await send()).status_code
    await _settle(connection, client)
    after = await _counts(connection)
    touched = [table for table, count in after.items() if count != before[table]]
    by_table = {name: sum(table.startswith(f"{name}_") for table in touched) for name in TABLES}
    return {"request": name, "status": str(status), **{table: str(count or "") for table, count in by_table.items()}}


async def _settle(connection: asyncpg.Connection, client: httpx.AsyncClient) -> None:
    """Until PostgREST has new connections, and the old ones have told what they did."""
    await connection.execute(_END_CONNECTIONS)
    while (await client.get("/plans")).status_code >= 500:
        pass


async def _counts(connection: asyncpg.Connection) -> dict[str, Any]:
    await connection.execute("select pg_stat_clear_snapshot()")
    return {row["relname"]: row["touched"] for row in await connection.fetch(_COUNTS)}
