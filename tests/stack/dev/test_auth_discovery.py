"""/settings, /health, the key set, and what the local stack cannot offer."""

import httpx
import pytest

from dev.stack import Stack
from tests.support.auth_http import refusal


async def test_settings_say_email_and_anonymous_only(auth: httpx.AsyncClient) -> None:
    settings = (await auth.get("/settings")).json()
    on = {name for name, enabled in settings["external"].items() if enabled}
    assert on == {"email", "anonymous_users"}
    assert settings["mailer_autoconfirm"] is True
    assert settings["disable_signup"] is False


async def test_health(auth: httpx.AsyncClient) -> None:
    answer = await auth.get("/health")
    assert answer.status_code == 200
    assert set(answer.json()) == {"version", "name", "description"}


async def test_public_keys_need_no_api_key_and_may_be_cached(stack: Stack) -> None:
    async with httpx.AsyncClient() as nobody:
        answer = await nobody.get(f"{stack.supabase_url}/auth/v1/.well-known/jwks.json")
    assert answer.headers["cache-control"] == "public, max-age=600"
    assert answer.json() == stack.keys.jwks()
    assert not any("d" in key for key in answer.json()["keys"])


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("POST", "/recover", "email_provider_disabled"),
        ("POST", "/otp", "email_provider_disabled"),
        ("POST", "/magiclink", "email_provider_disabled"),
        ("POST", "/resend", "email_provider_disabled"),
        ("POST", "/verify", "email_provider_disabled"),
        ("GET", "/reauthenticate", "email_provider_disabled"),
        ("POST", "/invite", "email_provider_disabled"),
        ("POST", "/admin/generate_link", "email_provider_disabled"),
        ("GET", "/authorize?provider=github", "provider_disabled"),
        ("POST", "/sso", "provider_disabled"),
        ("GET", "/user/identities/authorize", "provider_disabled"),
        ("POST", "/factors", "feature_disabled"),
        ("POST", "/factors/1/verify", "feature_disabled"),
    ],
)
async def test_what_needs_mail_or_providers_says_so(auth: httpx.AsyncClient, method: str, path: str, code: str) -> None:
    answer = await auth.request(method, path, json={})
    assert refusal(answer) == (422, code)
    assert "supabase start" in answer.json()["msg"]


async def test_unknown_route_and_wrong_method(auth: httpx.AsyncClient) -> None:
    assert refusal(await auth.get("/nonsense")) == (404, "not_found")
    assert refusal(await auth.get("/")) == (404, "not_found")
    wrong = await auth.delete("/signup")
    assert refusal(wrong) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "POST"
