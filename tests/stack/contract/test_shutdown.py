"""A stop lets those under way finish."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from dev.stack import Stack
from tests.support.people import Person
from tests.support.server import ApiServer


async def test_a_request_under_way_is_answered_before_the_process_ends(
    stack: Stack, ana: Person, tmp_path: Path
) -> None:
    with ApiServer(stack.environment(), log=tmp_path / "api.log") as server:
        async with httpx.AsyncClient(base_url=server.url, headers={"Authorization": f"Bearer {ana.token}"}) as client:
            body_sent = asyncio.Event()

            async def body() -> AsyncIterator[bytes]:
                yield b'{"name": '
                # The server has the first half; the stop arrives before the second.
                server.process.send_signal(signal.SIGTERM)
                await stopping(server.url)
                body_sent.set()
                yield b'"Under way"}'

            response = await client.post("/api/v1/plans", content=body(), headers={"Content-Type": "application/json"})
            assert body_sent.is_set()
            assert response.status_code == 201
        # uvicorn ends in order and then by the signal itself, as a supervisor expects.
        assert await asyncio.to_thread(server.process.wait, 30) in {0, -signal.SIGTERM}
    assert (await ana.get("/api/v1/plans")).json()["total"] == 1


async def stopping(url: str) -> None:
    """Waits until the server takes no new connections."""
    async with asyncio.timeout(20), httpx.AsyncClient() as other:
        while True:
            try:
                await other.get(f"{url}/health")
            except httpx.TransportError:
                return
