"""What every answer carries, whatever was asked, and what bodies of every kind get."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from src.core.config import Settings
from src.core.route import MAX_BODY_BYTES, PUBLIC, api_router
from tests.support.api import Api, running
from tests.support.cases import each_case
from tests.support.people import Person, assert_problem

ORIGIN = "http://localhost:5173"
PLANS = "/api/v1/plans"


async def crash() -> None:
    raise RuntimeError("the secret reason")


@asynccontextmanager
async def breaking(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The application with a route that crashes."""
    async with running(settings) as api:
        broken = api_router(tags=[])
        broken.add_api_route("/crash", crash, openapi_extra=PUBLIC)
        api.app.router.routes.extend(broken.routes)
        async with httpx.AsyncClient(transport=api.transport(), base_url="http://api.test") as client:
            yield client


def assert_common(response: httpx.Response) -> None:
    headers = response.headers
    assert len(headers["x-request-id"]) >= 8
    assert "total;dur=" in headers["server-timing"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["strict-transport-security"].startswith("max-age=")
    assert headers["cache-control"] in {"no-store", "private, no-cache"}


async def answers(person: Person) -> AsyncIterator[tuple[int, httpx.Response]]:
    """One answer of every status, with the status it should have."""
    made = await person.post(PLANS, json={"name": "x"})
    yield 201, made
    path = made.headers["location"]
    plan = await person.get(path)
    yield 200, plan
    yield 304, await person.get(path, headers={"If-None-Match": plan.headers["etag"]})
    yield 400, await person.post(PLANS, content=b"{", headers={"Content-Type": "application/json"})
    yield 401, await person.get(PLANS, headers={"Authorization": "Bearer x"})
    yield 403, await person.delete(f"/api/v1/exercises/{await library_exercise(person)}")
    yield 404, await person.get("/api/v1/nothing")
    yield 404, await person.get("/API/V1/plans")
    yield 405, await person.patch(PLANS)
    yield 409, await person.post(f"{path}/activate")
    yield 412, await person.put(path, json={"name": "y"}, headers={"If-Match": '"0"'})
    yield (
        413,
        await person.post(PLANS, content=b"x" * (MAX_BODY_BYTES + 1), headers={"Content-Type": "application/json"}),
    )
    yield 413, await person.post(PLANS, content=chunks(), headers={"Content-Type": "application/json"})
    yield 415, await person.post(PLANS, content=b"name=x", headers={"Content-Type": "text/plain"})
    yield 422, await person.post(PLANS, json={})
    yield 204, await person.delete(path)


async def chunks() -> AsyncIterator[bytes]:
    for _ in range(20):
        yield b"[" * 65536


async def library_exercise(person: Person) -> str:
    found: str = (await person.get("/api/v1/exercises", params={"per_page": 1})).json()["items"][0]["id"]
    return found


async def test_every_answer_carries_the_same_headers(ana: Person) -> None:
    ana.headers["Origin"] = ORIGIN
    seen = set()
    async for status, response in answers(ana):
        assert response.status_code == status, response.text
        assert_common(response)
        assert response.headers["access-control-allow-origin"] == ORIGIN
        if status >= 400:
            assert_problem(response, status, response.json()["code"])
        seen.add(status)
    assert len(seen) == 14


async def test_a_wrong_method_says_which_are_right(ana: Person) -> None:
    response = await ana.patch(f"{PLANS}/{await library_exercise(ana)}")
    assert_problem(response, 405, "method_not_allowed")
    assert response.headers["allow"]


async def test_every_path_has_its_methods_and_no_other(api: Api, ana: Person) -> None:
    document = api.app.openapi()["paths"]
    for path, operations in document.items():
        allowed = {method.upper() for method in operations}
        if path in {"/health", "/api/health"}:
            allowed.add("HEAD")  # for monitors; the contract has only GET
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"} - allowed:
            response = await ana.request(method, re.sub(r"\{\w+\}", "1", path))
            assert_problem(response, 405, "method_not_allowed")
            assert response.headers["allow"] == ", ".join(sorted(allowed)), (method, path)


async def test_a_crash_is_a_problem_and_says_nothing(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    async with breaking(settings) as client:
        response = await client.get("/crash", headers={"Origin": ORIGIN})
    problem = assert_problem(response, 500, "internal_error")
    assert_common(response)
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert "secret" not in response.text
    logged = capsys.readouterr().err
    assert problem["request_id"] in logged
    assert "the secret reason" in logged


async def test_a_request_id_is_kept_when_it_is_one(anonymous: Person) -> None:
    kept = await anonymous.get("/health", headers={"X-Request-Id": "a-trace-of-mine.1"})
    assert kept.headers["x-request-id"] == "a-trace-of-mine.1"
    for wrong in ("short", "x" * 65, "with space", "line\tbreak", "ünïcode".encode("latin-1").decode("latin-1")):
        answer = await anonymous.get("/health", headers=[(b"X-Request-Id", wrong.encode("latin-1"))])
        assert answer.headers["x-request-id"] != wrong


async def test_preflight_lets_the_frontend_in_and_nobody_else(anonymous: Person) -> None:
    asked = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "authorization,if-match"}
    ours = await anonymous.options(PLANS, headers={"Origin": ORIGIN, **asked})
    assert (ours.status_code, ours.headers["access-control-allow-origin"]) == (200, ORIGIN)
    assert_common(ours)
    foreign = await anonymous.options(PLANS, headers={"Origin": "https://evil.example", **asked})
    assert "access-control-allow-origin" not in foreign.headers
    read = await anonymous.get("/health", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in read.headers
    exposed = (await anonymous.get("/health", headers={"Origin": ORIGIN})).headers["access-control-expose-headers"]
    limits = {"Retry-After", "RateLimit", "RateLimit-Policy"}
    assert {"ETag", "Location", "X-Request-Id", "Server-Timing"} | limits == set(exposed.split(", "))


async def test_one_log_line_per_request_that_names_nobody(
    settings: Settings, ana: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    bearer = {"Authorization": f"Bearer {ana.token}"}
    async with (
        running(settings.model_copy(update={"log_level": "info"})) as api,
        httpx.AsyncClient(transport=api.transport(), base_url="http://api.test", headers=bearer) as client,
    ):
        capsys.readouterr()
        await client.post(f"{PLANS}?secret=query", json={"name": "secret body"})
        await client.get(f"{PLANS}/{await library_exercise(ana)}")
    text = capsys.readouterr().err
    lines = [line for line in map(json.loads, text.splitlines()) if line["event"] == "request"]
    mine = [line for line in lines if line["route"] != "/api/v1/exercises"]
    assert [(line["method"], line["route"], line["status"]) for line in mine] == [
        ("POST", "/api/v1/plans", 422),
        ("GET", "/api/v1/plans/{plan_id}", 404),
    ]
    assert mine[0]["duration_ms"] > 0
    assert mine[1]["upstream_ms"] > 0
    assert mine[0]["user"] == mine[1]["user"]
    for private in (ana.token, ana.token.split(".")[2], ana.email, ana.id, "secret"):
        assert private not in text


ODD_BODIES: dict[str, bytes] = {
    "NUL": b'{"name": "a\\u0000b"}',
    "half a surrogate pair": b'{"name": "\\ud800"}',
    "half a pair as a field": b'{"name": "x", "\\ud800": 1}',
    "NaN": b'{"name": "x", "duration_weeks": NaN}',
    "infinity": b'{"name": "x", "duration_weeks": -Infinity}',
    "beyond a double": b'{"name": "x", "duration_weeks": 1e400}',
    "five thousand digits": b'{"name": "x", "duration_weeks": ' + b"9" * 5000 + b"}",
    "deep": b"[" * 100_000,
    "deep and whole": b'{"name": "x", "content": ' + b"[" * 65 + b"]" * 65 + b"}",
    "an integer of 65 bits": b'{"name": "x", "content": {"days": [{"weekday": 18446744073709551616}]}}',
    "deep content": b'{"name": "x", "content": ' + b'{"days": [' * 5000 + b"]}" * 5000 + b"}",
    "UTF-16": '{"name": "x"}'.encode("utf-16") + b"\xff",
    "UTF-16 without a mark": '{"name": "x"}'.encode("utf-16-le"),
    "UTF-32": '{"name": "x"}'.encode("utf-32"),
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "empty": b"",
    "null": b"null",
    "a list": b"[]",
    "a text": b'"x"',
    "a number for a name": b'{"name": 5}',
    "true for a number": b'{"name": "x", "duration_weeks": true}',
    "a text for a number": b'{"name": "x", "duration_weeks": "5"}',
    "half a week": b'{"name": "x", "duration_weeks": 1.5}',
    "only blanks": b'{"name": "   "}',
}


async def test_odd_bodies_are_refused_and_change_nothing(ana: Person) -> None:
    with each_case() as case:
        for name, body in ODD_BODIES.items():
            with case(name):
                for method, path in (("POST", PLANS), ("PATCH", "/api/v1/users/me")):
                    before: Any = (await ana.get("/api/v1/users/me")).json()
                    response = await ana.request(
                        method, path, content=body, headers={"Content-Type": "application/json"}
                    )
                    assert_problem(response, response.status_code, response.json()["code"])
                    assert response.status_code in {400, 422}, response.text
                    assert (await ana.get("/api/v1/users/me")).json() == before
                assert (await ana.get(PLANS)).json()["total"] == 0


async def test_another_charset_is_refused(ana: Person) -> None:
    for charset, status in {"utf-16": 415, "latin-1": 415, '"UTF-8"': 201}.items():
        headers = {"Content-Type": f"application/json; charset={charset}"}
        assert (await ana.post(PLANS, content=b'{"name": "x"}', headers=headers)).status_code == status, charset


async def test_a_problem_repeats_little_of_what_was_sent(ana: Person) -> None:
    sent = "x" * 5000
    requests: list[tuple[str, str, Any]] = [
        ("GET", f"/{sent}", None),
        ("GET", f"{PLANS}?{sent}=1", None),
        ("GET", f"{PLANS}?sort={sent}", None),
        ("GET", f"{PLANS}/{sent}", None),
        ("GET", f"/api/v1/exercises?q=a&kind={sent}", None),
        ("POST", PLANS, {sent: 1}),
        ("POST", PLANS, {"name": sent}),
        ("PATCH", "/api/v1/users/me", {"timezone": sent, "sex": sent, "load_steps_kg": {sent: sent}}),
        ("POST", PLANS, {"name": "x", "content": {"days": [{sent: {sent: sent}, "exercises": [{sent: 1}]}]}}),
        ("POST", "/api/v1/measurements", {"kind": sent, "value": sent, "measured_at": sent}),
    ]
    for method, path, body in requests:
        response = await ana.request(method, path, json=body)
        assert_problem(response, response.status_code, response.json()["code"])
        assert 400 <= response.status_code < 500
        assert "x" * 101 not in response.text, (path[:40], response.text[:500])


async def test_a_stranger_is_turned_away_before_the_body_is_read(anonymous: Person) -> None:
    for body in (b"{", b"x" * (MAX_BODY_BYTES + 1)):
        response = await anonymous.post(PLANS, content=body, headers={"Content-Type": "application/json"})
        assert_problem(response, 401, "unauthenticated")


async def test_the_documentation_is_there(api: Api, anonymous: Person) -> None:
    for path in ("/docs", "/redoc"):
        page = await anonymous.get(path)
        assert page.status_code == 200
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self';" in policy
        assert "http" not in policy
        loaded = re.findall(r'(?:src|href|spec-url)="([^"]*)"', page.text)
        assert len(loaded) >= 4
        for address in loaded:
            assert address.startswith("/"), address  # nothing from elsewhere
            part = await anonymous.get(address)
            assert part.status_code == 200
            assert part.headers["x-content-type-options"] == "nosniff"
            assert part.content
    assert_problem(await anonymous.get("/docs/..%2Fcore.py"), 404, "not_found")
    assert_problem(await anonymous.get("/docs/secret.js"), 404, "not_found")
    assert (await anonymous.get("/openapi.json")).json() == api.app.openapi()
