"""A client that goes away while it is being answered, at a server of its own."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from dev.stack import Stack
from tests.stack.chat.test_chat import CHAT, MESSAGES, said
from tests.stack.chat.test_gemini import STREAM, reply
from tests.support.gemini import KEY, Asked, FakeGemini, answers, stalls
from tests.support.people import Person
from tests.support.server import ApiServer
from tests.support.upstreams import Exchange


@pytest.fixture
async def client(stack: Stack, ana: Person, gemini: FakeGemini, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Ana, at a server that talks to Gemini."""
    environment = {**stack.environment(), "GEMINI_API_KEY": KEY, "GEMINI_BASE_URL": gemini.url}
    headers = {"Authorization": f"Bearer {ana.token}"}
    with ApiServer(environment, log=tmp_path / "api.log") as server:
        async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=60) as client:
            yield client


@pytest.mark.parametrize("written", ['{"reply": "I was about', None], ids=["in the answer", "before the answer"])
async def test_going_away_cancels_the_call_and_keeps_the_message(
    written: str | None, client: httpx.AsyncClient, gemini: FakeGemini
) -> None:
    arrived = asyncio.Event()

    async def stall(exchange: Exchange, asked: Asked) -> None:
        arrived.set()
        await stalls(written)(exchange, asked)

    gemini.will(stall)
    body = said("Are you there?")
    async with asyncio.timeout(60), client.stream("POST", STREAM, json=body) as response:
        assert response.status_code == 200
        async for line in response.aiter_lines():
            if line == ("event: delta" if written else "event: evidence"):
                await arrived.wait()
                break
    async with asyncio.timeout(60):
        await gemini.hung_up.wait()
    messages = (await client.get(MESSAGES)).json()["items"]
    assert [(one["role"], one["message"]) for one in messages] == [("user", "Are you there?")]

    # Whoever asks again need not wait for the one that went away.
    gemini.will(answers(reply("Here I am.")))
    answer = await client.post(CHAT, json=body)
    assert answer.json()["message"]["message"] == "Here I am."
    assert (await client.get(MESSAGES)).json()["total"] == 2
