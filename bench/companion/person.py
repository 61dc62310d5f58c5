"""A person of the bench at the real API: says things, and looks at what the companion then has."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from uuid import uuid4

import httpx

from bench.people import sign_up_user
from dev.stack import Stack

AT_ONCE: Final = 3
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Person:
    """A signed-up person with a client of their own."""

    id: str
    client: httpx.AsyncClient

    async def say(self, message: str) -> dict[str, Any]:
        """The companion's whole answer."""
        return await self.post("/chat", {"client_id": str(uuid4()), "message": message})

    async def get(self, path: str) -> Any:
        return _answer(await self.client.get(f"/api/v1{path}"))

    async def post(self, path: str, body: Any) -> dict[str, Any]:
        answer: dict[str, Any] = _answer(await self.client.post(f"/api/v1{path}", json=body))
        return answer

    async def patch(self, path: str, body: Any) -> None:
        _answer(await self.client.patch(f"/api/v1{path}", json=body))

    async def memories(self) -> list[dict[str, Any]]:
        """All of them, the superseded ones too."""
        page = await self.get("/memories?status=active&status=superseded&per_page=100")
        memories: list[dict[str, Any]] = page["items"]
        return memories

    async def unconfirmed(self) -> list[dict[str, Any]]:
        """What the profile offers to take over; none in a version that has no such list."""
        profile = await self.get("/users/me")
        facts: list[dict[str, Any]] = profile.get("unconfirmed", [])
        return facts


def _answer(response: httpx.Response) -> Any:
    if response.is_error:
        raise RuntimeError(f"{response.request.method} {response.request.url}: {response.status_code} {response.text}")
    return response.json() if response.content else None


@asynccontextmanager
async def somebody(stack: Stack, url: str) -> AsyncIterator[Person]:
    """A new person, whom nothing is known of."""
    signed_up = await sign_up_user(stack, plans=0)
    async with httpx.AsyncClient(base_url=url, headers=signed_up.headers, timeout=60) as client:
        yield Person(signed_up.id, client)


async def for_each(items: Iterable[T], ask: Callable[[T], Awaitable[R]]) -> list[R]:
    """What `ask` answers for each, in their order; a few at a time."""
    free = asyncio.Semaphore(AT_ONCE)

    async def one(item: T) -> R:
        async with free:
            return await ask(item)

    return list(await asyncio.gather(*(one(item) for item in items)))
