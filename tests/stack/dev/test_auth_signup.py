"""POST /signup."""

import asyncio
from datetime import datetime

import asyncpg
import httpx
import pytest

from dev.stack import Stack
from tests.support.auth_http import (
    PASSWORD,
    claims_of,
    new_email,
    refusal,
    sign_up,
    sign_up_anonymously,
)


async def test_answers_a_session_in_the_platforms_shape(auth: httpx.AsyncClient) -> None:
    email = new_email()
    body = {"email": email.upper(), "password": PASSWORD, "data": {"name": "Ann"}}
    session = (await auth.post("/signup", json=body)).json()
    expected = {"access_token", "token_type", "expires_in", "expires_at", "refresh_token", "user"}
    assert set(session) == expected
    assert (session["token_type"], session["expires_in"]) == ("bearer", 3600)
    assert session["expires_at"] == claims_of(session["access_token"])["exp"]
    user = session["user"]
    assert (user["email"], user["phone"], user["aud"], user["role"]) == (email, "", *["authenticated"] * 2)
    assert user["app_metadata"] == {"provider": "email", "providers": ["email"]}
    verified = {"email": email, "email_verified": True, "phone_verified": False, "sub": user["id"]}
    assert user["user_metadata"] == {"name": "Ann", **verified}
    assert user["is_anonymous"] is False
    for name in ("email_confirmed_at", "confirmed_at", "last_sign_in_at", "created_at", "updated_at"):
        assert datetime.fromisoformat(user[name]).utcoffset() is not None
        assert user[name].endswith("Z")
    (identity,) = user["identities"]
    assert (identity["id"], identity["user_id"], identity["provider"]) == (user["id"], user["id"], "email")
    assert (identity["email"], identity["identity_data"]["sub"]) == (email, user["id"])


async def test_token_has_exactly_the_platforms_claims(auth: httpx.AsyncClient, stack: Stack) -> None:
    person = await sign_up(auth, name="Ann")
    claims = claims_of(person.token)
    assert list(claims) == [
        *("iss", "sub", "aud", "exp", "iat", "email", "phone", "app_metadata", "user_metadata", "role"),
        *("aal", "amr", "session_id", "is_anonymous"),
    ]
    assert claims["iss"] == f"{stack.supabase_url}/auth/v1"
    assert (claims["sub"], claims["aud"], claims["role"]) == (person.id, "authenticated", "authenticated")
    assert (claims["aal"], claims["email"], claims["phone"]) == ("aal1", person.email, "")
    assert claims["exp"] - claims["iat"] == 3600
    (amr,) = claims["amr"]
    assert amr["method"] == "password"
    assert amr["timestamp"] <= claims["iat"]
    assert claims["user_metadata"]["name"] == "Ann"


async def test_anonymous_person_has_no_address_and_no_identity(auth: httpx.AsyncClient) -> None:
    person = await sign_up_anonymously(auth)
    user = person.session["user"]
    assert (user["email"], user["identities"], user["app_metadata"]) == ("", [], {})
    assert user["is_anonymous"] is True
    assert "email_confirmed_at" not in user
    claims = claims_of(person.token)
    assert (claims["is_anonymous"], claims["role"], claims["email"]) == (True, "authenticated", "")
    assert claims["amr"][0]["method"] == "anonymous"


async def test_second_sign_up_with_an_address_is_refused_in_any_case(auth: httpx.AsyncClient) -> None:
    person = await sign_up(auth)
    answer = await auth.post("/signup", json={"email": person.email.upper(), "password": PASSWORD})
    assert refusal(answer) == (422, "user_already_exists")


async def test_of_27_sign_ups_at_once_one_wins(auth: httpx.AsyncClient) -> None:
    body = {"email": new_email(), "password": PASSWORD}
    answers = await asyncio.gather(*(auth.post("/signup", json=body) for _ in range(27)))
    won = [answer for answer in answers if answer.status_code == 200]
    assert len(won) == 1
    assert {refusal(a) for a in answers if a.status_code != 200} == {(422, "user_already_exists")}


async def test_password_is_stored_as_an_argon2id_hash(auth: httpx.AsyncClient, stack: Stack) -> None:
    person = await sign_up(auth)
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        stored = await connection.fetchval("select encrypted_password from auth.users where id = $1", person.id)
    finally:
        await connection.close()
    assert stored.startswith("$argon2id$")
    assert PASSWORD not in stored


async def test_weak_password_says_why(auth: httpx.AsyncClient) -> None:
    answer = await auth.post("/signup", json={"email": new_email(), "password": "12345"})
    assert refusal(answer) == (422, "weak_password")
    assert answer.json()["weak_password"] == {"reasons": ["length"]}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"email": "a@b.io"}, (400, "validation_failed")),
        ({"email": "a@b.io", "password": ""}, (400, "validation_failed")),
        ({"email": "a@b.io", "password": "x" * 73}, (400, "validation_failed")),
        ({"email": "not an address", "password": PASSWORD}, (400, "validation_failed")),
        ({"email": "a@b..io", "password": PASSWORD}, (400, "validation_failed")),
        ({"email": "a@-b.io", "password": PASSWORD}, (400, "validation_failed")),
        ({"email": "a b@c.io", "password": PASSWORD}, (400, "validation_failed")),
        ({"email": "a@b.io\n", "password": PASSWORD}, (400, "validation_failed")),
        ({"email": "é@b.io", "password": PASSWORD}, (400, "validation_failed")),
        ({"email": f"{'a' * 251}@b.io", "password": PASSWORD}, (400, "validation_failed")),
        ({"phone": "4712345678", "password": PASSWORD}, (422, "phone_provider_disabled")),
        ({"email": 5, "password": PASSWORD}, (400, "bad_json")),
        ({"email": "a@b.io", "password": PASSWORD, "data": []}, (400, "bad_json")),
        ({"email": "a@b.io", "password": PASSWORD, "data": {"x": "y" * 5000}}, (422, "validation_failed")),
        ({"email": "a@b.io", "password": PASSWORD, "data": {"x": "a\0b"}}, (400, "validation_failed")),
        ({"email": "a@b.io", "password": "secret\0secret"}, (400, "validation_failed")),
        ({"data": {"\0": 1}}, (400, "validation_failed")),
        (["a"], (400, "bad_json")),
        (None, (400, "bad_json")),
    ],
)
async def test_bad_input(auth: httpx.AsyncClient, body: object, code: tuple[int, str]) -> None:
    assert refusal(await auth.post("/signup", json=body)) == code


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"nonsense",
        b'{"data": NaN}',
        b'{"data": {"x": 1e999}}',
        b'{"data": {"x": Infinity}}',
        b'{"data": {"x": "\\ud800"}}',
        b'{"data": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}",
        b'{"data": {"x": ' + b"9" * 5000 + b"}}",
    ],
    ids=["empty", "cut", "bytes", "text", "nan", "overflow", "infinity", "surrogate", "deep", "digits"],
)
async def test_what_is_no_usable_json(auth: httpx.AsyncClient, content: bytes) -> None:
    answer = await auth.post("/signup", content=content)
    assert answer.status_code == 400
    assert refusal(answer)[1] in {"bad_json", "validation_failed"}


async def test_body_limit(auth: httpx.AsyncClient) -> None:
    answer = await auth.post("/signup", content=b" " * (1 << 20) + b"{}")
    assert refusal(answer) == (413, "validation_failed")


async def test_newer_api_version_gets_the_newer_shape(auth: httpx.AsyncClient) -> None:
    body = {"email": new_email(), "password": "short"}
    answer = await auth.post("/signup", json=body, headers={"X-Supabase-Api-Version": "2024-01-01"})
    assert answer.status_code == 422
    assert answer.headers["x-supabase-api-version"] == "2024-01-01"
    assert answer.headers["x-sb-error-code"] == "weak_password"
    assert answer.json()["code"] == "weak_password"
    assert set(answer.json()) == {"code", "message", "weak_password"}
