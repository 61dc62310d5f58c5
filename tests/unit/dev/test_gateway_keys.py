"""API keys: who may pass, and as whom."""

import httpx
import jwt
import pytest

from dev.auth.tokens import ROLE_TOKEN_SECONDS
from tests.support.gateway_local import PUBLISHABLE, SECRET, LocalGateway

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0"
PERSON = "Bearer eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln"


async def ask(gateway: LocalGateway, path: str = "/rest/v1/plans", **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=gateway.url) as client:
        return await client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def role_of(gateway: LocalGateway) -> str:
    """The role of the token the upstream got, verified as PostgREST does."""
    token = gateway.upstream.requests[-1].headers["authorization"].removeprefix("Bearer ")
    key = jwt.PyJWKSet.from_dict(gateway.ring.jwks())[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=["ES256"])
    assert claims["exp"] - claims["iat"] == ROLE_TOKEN_SECONDS
    assert "sub" not in claims
    return str(claims["role"])


@pytest.mark.parametrize("path", ["/rest/v1/plans", "/auth/v1/settings", "/auth/v1/health", "/rest/v1/"])
async def test_no_key(gateway: LocalGateway, path: str) -> None:
    answer = await ask(gateway, path, authorization=PERSON)
    assert answer.status_code == 401
    assert answer.json() == {
        "message": "No API key found in request",
        "hint": "No `apikey` request header or url param was found.",
    }
    assert gateway.upstream.requests == []


@pytest.mark.parametrize("key", ["nonsense", PUBLISHABLE[:-1], SECRET + "x", SECRET.upper(), "Bearer x", "sb_secret_"])
async def test_wrong_key(gateway: LocalGateway, key: str) -> None:
    answer = await ask(gateway, apikey=key, authorization=PERSON)
    assert (answer.status_code, answer.json()["message"]) == (401, "Invalid API key")
    assert answer.json()["hint"]
    assert gateway.upstream.requests == []


@pytest.mark.parametrize(("key", "role"), [(PUBLISHABLE, "anon"), (SECRET, "service_role")])
async def test_key_alone_acts_as_its_role(gateway: LocalGateway, key: str, role: str) -> None:
    assert (await ask(gateway, apikey=key)).status_code == 200
    assert role_of(gateway) == role
    # Clients without a session repeat their key here.
    assert (await ask(gateway, apikey=key, authorization=f"Bearer {key}")).status_code == 200
    assert role_of(gateway) == role
    sent = [request.headers["authorization"] for request in gateway.upstream.requests]
    assert sent[0] == sent[1], "made anew for each request"


async def test_key_as_a_parameter_is_taken_out_of_the_query(gateway: LocalGateway) -> None:
    answer = await ask(gateway, f"/rest/v1/plans?select=id&apikey={PUBLISHABLE}&name=eq.'a'")
    assert answer.status_code == 200
    assert gateway.upstream.requests[0].line == b"GET /plans?select=id&name=eq.'a' HTTP/1.1"
    wrong = await ask(gateway, "/rest/v1/plans?apikey=wrong")
    assert wrong.status_code == 401


async def test_parameter_beside_the_header_is_a_filter(gateway: LocalGateway) -> None:
    await ask(gateway, "/rest/v1/plans?apikey=eq.1", apikey=PUBLISHABLE)
    assert gateway.upstream.requests[0].line == b"GET /plans?apikey=eq.1 HTTP/1.1"


@pytest.mark.parametrize("key", [PUBLISHABLE, SECRET])
async def test_a_persons_token_goes_before_the_key_and_is_not_touched(gateway: LocalGateway, key: str) -> None:
    await ask(gateway, apikey=key, authorization=PERSON)
    request = gateway.upstream.requests[0]
    assert request.headers["authorization"] == PERSON
    assert key not in str(request)


@pytest.mark.parametrize(
    ("key", "bearer"), [(PUBLISHABLE, SECRET), (SECRET, PUBLISHABLE), (PUBLISHABLE, "sb_secret_guess")]
)
async def test_another_key_as_bearer_is_refused(gateway: LocalGateway, key: str, bearer: str) -> None:
    answer = await ask(gateway, apikey=key, authorization=f"Bearer {bearer}")
    assert (answer.status_code, answer.json()["message"]) == (401, "Invalid API key")
    assert gateway.upstream.requests == []


async def test_secret_key_in_a_browser_is_refused(gateway: LocalGateway) -> None:
    answer = await ask(gateway, apikey=SECRET, user_agent=FIREFOX)
    assert answer.status_code == 401
    assert answer.json()["message"] == "Forbidden use of secret API key in browser"
    assert (await ask(gateway, apikey=PUBLISHABLE, user_agent=FIREFOX)).status_code == 200
    assert (await ask(gateway, apikey=SECRET, user_agent="python-httpx/0.28")).status_code == 200


async def test_tokens_of_keys_follow_a_rotation(gateway: LocalGateway) -> None:
    await ask(gateway, apikey=SECRET)
    before = gateway.upstream.requests[0].headers["authorization"]
    rotated = gateway.ring.rotate()
    await ask(gateway, apikey=SECRET)
    after = gateway.upstream.requests[1].headers["authorization"]
    assert after != before
    assert jwt.get_unverified_header(after.removeprefix("Bearer "))["kid"] == rotated.kid


async def test_only_public_things_of_auth_are_open(gateway: LocalGateway) -> None:
    assert (await ask(gateway, "/auth/v1/.well-known/jwks.json")).status_code == 200
    assert (await ask(gateway, "/auth/v1/authorize?provider=github")).status_code == 422
    for path in ("/auth/v1/.well-known/jwks.json/", "/auth/v1/.well-known", "/auth/v1", "/auth/v1//authorize"):
        assert (await ask(gateway, path)).status_code == 401


@pytest.mark.parametrize("service", ["storage", "realtime", "functions", "graphql"])
async def test_other_services_are_named(gateway: LocalGateway, service: str) -> None:
    answer = await ask(gateway, f"/{service}/v1/anything", apikey=PUBLISHABLE)
    assert answer.status_code == 404
    assert f"/{service}/v1" in answer.json()["message"]


@pytest.mark.parametrize("path", ["/", "/rest", "/rest/v1x", "/rest/v2/plans", "/%72est/v1/plans", "/auth/v1x"])
async def test_other_paths(gateway: LocalGateway, path: str) -> None:
    answer = await ask(gateway, path, apikey=PUBLISHABLE)
    assert (answer.status_code, answer.json()) == (404, {"message": "no Route matched with those values"})
    assert gateway.upstream.requests == []
