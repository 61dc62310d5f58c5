"""What anyone may ask: who this is, and whether it is well."""

from datetime import UTC, datetime

import httpx

from src.core.openapi import read_version


async def test_the_welcome_names_version_and_documentation(anonymous: httpx.AsyncClient) -> None:
    welcome = await anonymous.get("/")
    assert welcome.status_code == 200
    assert welcome.json() == {"message": "Welcome to Slow Burn API", "version": read_version(), "docs": "/docs"}


async def test_health_is_one_word(anonymous: httpx.AsyncClient) -> None:
    assert (await anonymous.get("/health")).json() == {"status": "healthy"}


async def test_monitors_may_ask_with_head(anonymous: httpx.AsyncClient) -> None:
    for path in ("/health", "/api/health"):
        answer = await anonymous.head(path)
        assert (answer.status_code, answer.content) == (200, b"")


async def test_readiness_is_a_round_trip_to_the_database(anonymous: httpx.AsyncClient) -> None:
    ready = await anonymous.get("/api/health")
    assert ready.status_code == 200
    assert (ready.json()["status"], ready.json()["database"]) == ("ok", "connected")
    assert datetime.fromisoformat(ready.json()["timestamp"]) <= datetime.now(UTC)


async def test_what_a_frontend_needs_to_sign_in_is_public(anonymous: httpx.AsyncClient) -> None:
    public = (await anonymous.get("/api/v1/auth/public")).json()
    assert public.keys() == {"supabase_url", "publishable_key", "issuer", "jwks_url", "algorithms"}
    assert public["publishable_key"].startswith("sb_publishable_")
    assert "HS256" not in public["algorithms"]
