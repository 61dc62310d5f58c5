"""People who use the API, and what they get back."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx

from dev.stack import Stack
from src.core.config import Settings
from tests.support.api import Api, running
from tests.support.gemini import FakeGemini, fake_gemini

PASSWORD = "correct horse battery staple"


class Person(httpx.AsyncClient):
    """A client of the API that sends this person's token; without one, an anonymous client."""

    id: str = ""
    email: str = ""
    token: str = ""


Newcomer = Callable[[], Awaitable[Person]]
"""Makes somebody who has just signed up."""


def client_with(api: Api, token: str) -> Person:
    """A client that sends this token."""
    person = anonymous_client(api)
    person.token = token
    person.headers["Authorization"] = f"Bearer {token}"
    return person


def anonymous_client(api: Api) -> Person:
    return Person(transport=api.transport(), base_url="http://api.test")


@asynccontextmanager
async def with_a_model(person: Person, settings: Settings) -> AsyncIterator[tuple[Person, FakeGemini]]:
    """This person at an application, for these settings, that has a model of its own to talk to; and the model."""
    async with (
        fake_gemini() as gemini,
        running(gemini.settings(settings)) as api,
        client_with(api, person.token) as client,
    ):
        client.id = person.id
        yield client, gemini


async def sign_up(api: Api, stack: Stack, **metadata: Any) -> Person:
    """A new person, signed up through the auth service as supabase-js does it."""
    email = f"{uuid4().hex}@people.example"
    async with httpx.AsyncClient() as auth:
        response = await auth.post(
            f"{stack.supabase_url}/auth/v1/signup",
            headers={"apikey": stack.publishable_key},
            json={"email": email, "password": PASSWORD, "data": metadata},
        )
    session = response.raise_for_status().json()
    person = client_with(api, session["access_token"])
    person.id, person.email = session["user"]["id"], email
    return person


class _WaitsItsTurn(httpx.AsyncHTTPTransport):
    """Sends a request again that was refused because the person has too many at once."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        while True:
            response = await super().handle_async_request(request)
            if response.status_code != 429 or b'"53300"' not in await response.aread():
                return response


def rest_client(stack: Stack, token: str | None = None, *, waits: bool = True) -> httpx.AsyncClient:
    """PostgREST called directly at the Supabase URL, as anyone with a token (or just the publishable key) can.

    `waits`: requests of which one person has too many at once are sent until they are served.
    """
    headers = {"apikey": stack.publishable_key}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    # Patient: what is huge takes a slow machine longer than httpx waits by itself.
    transport = _WaitsItsTurn() if waits else None
    return httpx.AsyncClient(base_url=f"{stack.supabase_url}/rest/v1", headers=headers, timeout=60, transport=transport)


def assert_problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Checks that an answer is this problem document, whole and in shape; gives the document."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert {"type", "title", "status", "detail", "instance", "code", "request_id"} <= problem.keys()
    assert problem["code"] == code
    assert problem["status"] == status
    assert problem["type"] == f"/problems/{code}"
    assert problem["request_id"] == response.headers["x-request-id"]
    return problem


def fields_of(problem: dict[str, Any]) -> set[tuple[str | int, ...]]:
    """The places a problem names."""
    return {tuple(error["loc"]) for error in problem["errors"]}
