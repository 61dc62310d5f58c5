"""The pool the auth service works with, as supabase_auth_admin, and the names of its types."""

import json
from typing import TYPE_CHECKING, Any, Protocol

import asyncpg

if TYPE_CHECKING:
    Connection = asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]
else:  # asyncpg's classes take their type parameters only in its stubs
    Connection = asyncpg.pool.PoolConnectionProxy
    Pool = asyncpg.Pool

CONNECT_SECONDS = 5
QUERY_SECONDS = 15
SIZE = 10


class RowLike(Protocol):
    """A row or a dict: read by column name."""

    def __getitem__(self, key: str, /) -> Any: ...  # a column of any type


def pool(url: str) -> Pool:
    """A pool that is not opened yet and makes no first connection: the database may come later."""
    return asyncpg.create_pool(
        url,
        min_size=0,
        max_size=SIZE,
        timeout=CONNECT_SECONDS,
        command_timeout=QUERY_SECONDS,
        ssl=False,  # loopback
        init=_json_as_objects,
    )


async def _json_as_objects(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
