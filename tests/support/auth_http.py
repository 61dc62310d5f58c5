"""Signing people up and in over HTTP, for tests of the auth service and the gateway."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import jwt

from dev.stack import Stack

PASSWORD = "correct horse 1"


def auth_client(stack: Stack, key: str | None = None) -> httpx.AsyncClient:
    """A client of /auth/v1 with the publishable key, or that one."""
    headers = {"apikey": key or stack.publishable_key}
    return httpx.AsyncClient(base_url=f"{stack.supabase_url}/auth/v1", headers=headers, timeout=30)


def new_email() -> str:
    """An address nobody has."""
    return f"{uuid4().hex}@example.com"


@dataclass(frozen=True)
class Person:
    """Someone who signed up: their address and the session they got."""

    email: str
    session: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.session["user"]["id"])

    @property
    def token(self) -> str:
        return str(self.session["access_token"])

    @property
    def refresh_token(self) -> str:
        return str(self.session["refresh_token"])

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


async def sign_up(auth: httpx.AsyncClient, **data: object) -> Person:
    """A new person with PASSWORD and that metadata."""
    email = new_email()
    answer = await auth.post("/signup", json={"email": email, "password": PASSWORD, "data": data})
    assert answer.status_code == 200, answer.text
    return Person(email, answer.json())


async def sign_up_anonymously(auth: httpx.AsyncClient) -> Person:
    """A new anonymous person."""
    answer = await auth.post("/signup", json={"data": {}})
    assert answer.status_code == 200, answer.text
    return Person("", answer.json())


async def sign_in(auth: httpx.AsyncClient, email: str, password: str = PASSWORD) -> httpx.Response:
    """The answer to the password grant."""
    return await auth.post("/token?grant_type=password", json={"email": email, "password": password})


async def refresh(auth: httpx.AsyncClient, refresh_token: str) -> httpx.Response:
    """The answer to the refresh grant."""
    return await auth.post("/token?grant_type=refresh_token", json={"refresh_token": refresh_token})


def claims_of(token: str) -> dict[str, Any]:
    """The claims, unverified."""
    return jwt.decode(token, options={"verify_signature": False})


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Status and error code, with the whole shape checked."""
    body = answer.json()
    assert set(body) - {"weak_password"} == {"code", "error_code", "msg"}, body
    assert body["code"] == answer.status_code
    assert body["msg"]
    return answer.status_code, body["error_code"]
