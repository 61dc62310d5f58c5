"""The admin API: supabase-py's request, on our transport."""

import asyncio
import subprocess
import sys
import time
from uuid import UUID, uuid4

import pytest

from dev.net import free_port
from dev.paths import ROOT
from src.core.admin_api import load_admin_api
from src.core.errors import Unavailable, UpstreamTimeout
from src.core.http_client import HttpClient, build_client
from tests.support.upstreams import Exchange, scripted

KEY = "sb_secret_x"


async def deleted(url: str, *user_ids: UUID, seconds: float = 30) -> list[int]:
    async with build_client() as client:
        admin = await load_admin_api(HttpClient(client, timeout=30), f"{url}/auth/v1", KEY)
        deadline = time.perf_counter() + seconds
        return await asyncio.gather(*(admin.delete_user(user_id, deadline) for user_id in user_ids))


async def test_the_request_is_supabase_pys_and_holds_the_secret_key_in_headers_alone() -> None:
    user_ids = [uuid4() for _ in range(20)]

    async def script(exchange: Exchange) -> None:
        await exchange.answer(200, b"{}", set_cookie="session=someone")

    async with scripted(script) as server:
        assert await deleted(server.url, *user_ids) == [200] * 20
        assert sorted(seen.target for seen in server.seen) == sorted(f"/auth/v1/admin/users/{one}" for one in user_ids)
        for seen in server.seen:
            assert (seen.method, seen.body) == ("DELETE", b'{"should_soft_delete":false}')
            assert (seen.headers["apikey"], seen.headers["authorization"]) == (KEY, f"Bearer {KEY}")
            assert seen.headers["x-supabase-api-version"]
            assert "cookie" not in seen.headers
            assert seen.headers["user-agent"] == "slow-burn"


@pytest.mark.parametrize("status", [302, 400, 403, 404, 422, 500, 503])
@pytest.mark.parametrize("body", [b"{}", b"<html>", b'{"code": "x", "message": "y"}', b"[]", b""])
async def test_an_answer_that_says_no_is_its_status(status: int, body: bytes) -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.answer(status, body, location="/elsewhere")

    async with scripted(script) as server:
        assert await deleted(server.url, uuid4()) == [status]
        assert len(server.seen) == 1


async def test_nobody_there() -> None:
    with pytest.raises(Unavailable):
        await deleted(f"http://127.0.0.1:{free_port()}", uuid4())


async def test_slowness_ends_with_the_deadline() -> None:
    async with scripted(Exchange.stall) as server:
        with pytest.raises(UpstreamTimeout):
            await deleted(server.url, uuid4(), seconds=0.5)


def test_the_application_starts_without_it() -> None:
    script = "import sys, src.app; print({'supabase', 'supabase_auth'} & set(sys.modules))"
    command = [sys.executable, "-c", script]
    started = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert started.stdout == "set()\n"
