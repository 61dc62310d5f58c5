"""CORS: a browser on any origin may use the local stack."""

import httpx
import pytest

from tests.support.gateway_local import PUBLISHABLE, LocalGateway

ORIGIN = {"Origin": "http://localhost:5173"}
OF_SUPABASE_JS = "apikey,authorization,content-type,prefer,x-client-info,x-supabase-api-version"


@pytest.mark.parametrize("path", ["/rest/v1/plans", "/auth/v1/token?grant_type=password", "/auth/v1/user", "/x"])
async def test_preflight_needs_no_key_and_allows_what_is_asked(gateway: LocalGateway, path: str) -> None:
    asked = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": OF_SUPABASE_JS}
    async with httpx.AsyncClient(base_url=gateway.url) as browser:
        answer = await browser.options(path, headers={**ORIGIN, **asked})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "PATCH" in answer.headers["access-control-allow-methods"].split(",")
    assert answer.headers["access-control-allow-headers"] == OF_SUPABASE_JS
    assert "access-control-allow-credentials" not in answer.headers
    assert gateway.upstream.requests == []


async def test_preflight_that_names_no_headers_gets_the_usual_ones(gateway: LocalGateway) -> None:
    async with httpx.AsyncClient(base_url=gateway.url) as browser:
        asked = {**ORIGIN, "Access-Control-Request-Method": "GET"}
        answer = await browser.options("/rest/v1/plans", headers=asked)
    allowed = answer.headers["access-control-allow-headers"].split(", ")
    usual = {"authorization", "x-client-info", "apikey", "content-type", "prefer", "range"}
    assert usual | {"accept-profile", "content-profile"} <= set(allowed)


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/rest/v1/plans", {"apikey": PUBLISHABLE}, 200),
        ("/auth/v1/settings", {"apikey": PUBLISHABLE}, 200),
        ("/auth/v1/user", {"apikey": PUBLISHABLE}, 401),
        ("/auth/v1/nonsense", {"apikey": PUBLISHABLE}, 404),
        ("/auth/v1/.well-known/jwks.json", {}, 200),
        ("/rest/v1/plans", {}, 401),
        ("/storage/v1/x", {}, 404),
    ],
)
async def test_every_answer_may_be_read(gateway: LocalGateway, path: str, headers: dict[str, str], status: int) -> None:
    async with httpx.AsyncClient(base_url=gateway.url) as browser:
        answer = await browser.get(path, headers={**ORIGIN, **headers})
    assert answer.status_code == status
    assert answer.headers.get_list("access-control-allow-origin") == ["*"]
    exposed = answer.headers["access-control-expose-headers"].split(", ")
    assert {"Content-Range", "Location", "ETag", "X-Supabase-Api-Version", "X-Total-Count", "Link"} <= set(exposed)


async def test_options_that_is_no_preflight_is_passed_on(gateway: LocalGateway) -> None:
    async with httpx.AsyncClient(base_url=gateway.url) as client:
        assert (await client.options("/rest/v1/plans")).status_code == 401
        await client.options("/rest/v1/plans", headers={"apikey": PUBLISHABLE})
    assert gateway.upstream.requests[0].line == b"OPTIONS /plans HTTP/1.1"
