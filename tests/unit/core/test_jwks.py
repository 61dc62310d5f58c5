"""The signing keys' cache: what it fetches, when, and what it does when it cannot."""

import asyncio
import json
from dataclasses import dataclass, field, replace

import pytest

from src.core import jwks
from src.core.errors import AppError, BadUpstream, Unauthenticated, Unavailable
from src.core.jwks import LIFETIME, MAX_BYTES, JwksCache, usable_keys
from tests.support.tokens import ec_key, public_jwk

KEY = public_jwk(ec_key(), "one")
OTHER = public_jwk(ec_key(), "two")


def key_set(*keys: object) -> bytes:
    return json.dumps({"keys": keys}).encode()


@dataclass
class AuthService:
    """Answers with a key set, an error, or not before it is told to; counts how often it was asked."""

    document: bytes = field(default_factory=lambda: key_set(KEY))
    error: AppError | None = None
    gate: asyncio.Event | None = None
    asked: int = 0

    async def __call__(self) -> bytes:
        self.asked += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        return self.document


@dataclass
class Clock:
    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


def cache_of(service: AuthService) -> tuple[JwksCache, Clock]:
    clock = Clock()
    return JwksCache(service, clock=clock), clock


async def settle() -> None:
    """Lets the background refresh run to its end."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    refreshes = [task for task in others if "SingleFlightCache._load" in repr(task.get_coro())]
    await asyncio.gather(*refreshes)


async def test_two_hundred_cold_callers_fetch_once() -> None:
    service = AuthService()
    cache, _ = cache_of(service)
    keys = await asyncio.gather(*(cache.key("one") for _ in range(200)))
    assert service.asked == 1
    assert {key.key_id for key in keys} == {"one"}


async def test_two_hundred_unknown_ids_fetch_nothing_in_the_cooldown() -> None:
    service = AuthService()
    cache, clock = cache_of(service)
    await cache.warm()
    clock.seconds += LIFETIME.cooldown - 1
    for number in range(200):
        with pytest.raises(Unauthenticated):
            await cache.key(f"made up {number}")
    assert service.asked == 1


async def test_a_new_key_is_believed_after_one_cooldown() -> None:
    service = AuthService()
    cache, clock = cache_of(service)
    await cache.warm()
    service.document = key_set(KEY, OTHER)
    clock.seconds += LIFETIME.cooldown
    assert (await cache.key("two")).key_id == "two"


async def test_a_known_key_never_waits() -> None:
    service = AuthService()
    cache, clock = cache_of(service)
    await cache.warm()
    service.gate = asyncio.Event()
    clock.seconds += LIFETIME.fresh
    async with asyncio.timeout(5):
        await cache.key("one")
        await cache.key("one")
    unknown = asyncio.create_task(cache.key("two"))
    async with asyncio.timeout(5):
        await cache.key("one")
    service.gate.set()
    with pytest.raises(Unauthenticated):
        await unknown
    assert service.asked == 2


async def test_an_outage_is_survived_for_an_hour_and_then_said() -> None:
    service = AuthService()
    cache, clock = cache_of(service)
    await cache.warm()
    service.error = Unavailable()
    clock.seconds += LIFETIME.expires - 1
    assert (await cache.key("one")).key_id == "one"
    await settle()
    clock.seconds += LIFETIME.cooldown
    with pytest.raises(Unavailable):
        await cache.key("one")
    service.error = None
    clock.seconds += LIFETIME.cooldown
    assert (await cache.key("one")).key_id == "one"


async def test_an_auth_service_that_is_down_at_the_start_heals() -> None:
    service = AuthService(error=Unavailable())
    cache, clock = cache_of(service)
    await cache.warm()
    with pytest.raises(Unavailable):
        await cache.key("one")
    service.error = None
    clock.seconds += LIFETIME.cooldown
    assert (await cache.key("one")).key_id == "one"


@pytest.mark.parametrize("document", [key_set(), b"", b"<html>", b"[]", b'{"keys": 5}', b"{}", b"x" * (MAX_BYTES + 1)])
async def test_a_good_set_is_not_replaced_by_a_bad_one(document: bytes) -> None:
    service = AuthService()
    cache, clock = cache_of(service)
    await cache.warm()
    service.document = document
    clock.seconds += LIFETIME.fresh
    await cache.key("one")
    await settle()
    assert service.asked == 2
    assert (await cache.key("one")).key_id == "one"


async def test_a_fetch_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jwks, "LIFETIME", replace(LIFETIME, timeout=0))
    service = AuthService()
    cache, clock = cache_of(service)
    service.gate = asyncio.Event()
    with pytest.raises(Unavailable):
        await cache.key("one")
    service.gate = None
    monkeypatch.undo()
    clock.seconds += LIFETIME.cooldown
    assert (await cache.key("one")).key_id == "one"


async def test_a_caller_who_gives_up_does_not_end_the_fetch_for_the_others() -> None:
    service = AuthService(gate=asyncio.Event())
    cache, _ = cache_of(service)
    first, second = (asyncio.create_task(cache.key("one")) for _ in range(2))
    await asyncio.sleep(0)  # both begin and share one fetch
    first.cancel()
    assert service.gate is not None
    service.gate.set()
    assert (await second).key_id == "one"
    assert service.asked == 1


def test_only_keys_that_may_sign_are_usable() -> None:
    symmetric = {"kty": "oct", "kid": "oct", "k": "AAAA", "alg": "HS256"}
    document = key_set(KEY, symmetric, OTHER | {"use": "enc"}, {**OTHER, "kid": None}, {"kid": "no kty"}, "text", 5)
    assert list(usable_keys(document)) == ["one"]
    with pytest.raises(BadUpstream):
        usable_keys(b"x" * (MAX_BYTES + 1))
