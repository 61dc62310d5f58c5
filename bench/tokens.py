"""Verifying an access token: the first time, and while it is remembered."""

import time
from collections.abc import Awaitable, Callable

from bench.people import sign_up_user
from bench.table import TableRow
from dev.stack import Stack
from src.core.auth import Authenticator
from src.core.config import Settings
from src.core.http_client import HttpClient, build_client
from src.core.jwks import JwksCache

TIMES = 2000


async def bench_tokens(stack: Stack) -> list[TableRow]:
    """Microseconds of one verification, with the key already here."""
    settings = Settings.model_validate(
        {
            "supabase_url": stack.supabase_url,
            "supabase_publishable_key": stack.publishable_key,
            "supabase_secret_key": stack.secret_key,
        }
    )
    person = await sign_up_user(stack, plans=1)
    async with build_client() as client:
        http = HttpClient(client, timeout=5)

        async def fetch() -> bytes:
            return (await http.send("GET", settings.jwks_url, headers={})).body

        keys = JwksCache(fetch)
        await keys.warm()
        header = person.headers["authorization"]
        remembering = Authenticator(settings, keys)

        async def cold() -> None:
            await Authenticator(settings, keys).authenticate(header)

        async def warm() -> None:
            await remembering.authenticate(header)

        return [
            {"token": "first seen (ES256)", "us": f"{await _microseconds(cold):.1f}"},
            {"token": "remembered", "us": f"{await _microseconds(warm):.1f}"},
        ]


async def _microseconds(verify: Callable[[], Awaitable[None]]) -> float:
    await verify()
    started = time.perf_counter()
    for _ in range(TIMES):
        await verify()
    return (time.perf_counter() - started) / TIMES * 1e6
