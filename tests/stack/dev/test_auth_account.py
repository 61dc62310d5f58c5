"""GET and PUT /user, POST /logout, and who may call them."""

import asyncio
from uuid import uuid4

import asyncpg
import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from dev.stack import Stack
from tests.support.auth_http import (
    PASSWORD,
    Person,
    auth_client,
    claims_of,
    new_email,
    refresh,
    refusal,
    sign_in,
    sign_up,
    sign_up_anonymously,
)


async def update(auth: httpx.AsyncClient, person: Person, **body: object) -> httpx.Response:
    return await auth.put("/user", json=body, headers=person.bearer)


async def test_answers_the_person_of_the_token(auth: httpx.AsyncClient) -> None:
    person, _ = await sign_up(auth), await sign_up(auth)
    answer = await auth.get("/user", headers=person.bearer)
    assert answer.json() == person.session["user"]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer"}])
async def test_needs_a_bearer_token(auth: httpx.AsyncClient, headers: dict[str, str]) -> None:
    for method, path in (("GET", "/user"), ("PUT", "/user"), ("POST", "/logout")):
        answer = await auth.request(method, path, headers=headers)
        assert refusal(answer) == (401, "no_authorization")


async def test_publishable_key_as_bearer_is_nobody(auth: httpx.AsyncClient, stack: Stack) -> None:
    headers = {"Authorization": f"Bearer {stack.publishable_key}"}
    assert refusal(await auth.get("/user", headers=headers)) == (401, "no_authorization")


async def test_secret_key_is_no_person(stack: Stack) -> None:
    async with auth_client(stack, stack.secret_key) as admin:
        assert refusal(await admin.get("/user")) == (403, "bad_jwt")


async def test_foreign_forged_and_expired_tokens(auth: httpx.AsyncClient, stack: Stack) -> None:
    person = await sign_up(auth)
    claims, key = claims_of(person.token), stack.keys.current
    stranger = generate_private_key(SECP256R1())
    forged = [
        jwt.encode(claims, stranger, "ES256", {"kid": key.kid}),
        jwt.encode(claims, key.private, "ES256", {"kid": "unknown"}),
        jwt.encode(claims, key.private, "ES256"),
        jwt.encode({**claims, "exp": 1}, key.private, "ES256", {"kid": key.kid}),
        jwt.encode({k: v for k, v in claims.items() if k != "exp"}, key.private, "ES256", {"kid": key.kid}),
        jwt.encode({k: v for k, v in claims.items() if k != "sub"}, key.private, "ES256", {"kid": key.kid}),
        jwt.encode({**claims, "session_id": None}, key.private, "ES256", {"kid": key.kid}),
        jwt.encode(claims, "", "none", {"kid": key.kid}),
        person.token[:-4] + "AAAA",
        "a" * 20_000,
        "a.b.c",
    ]
    for token in forged:
        answer = await auth.get("/user", headers={"Authorization": f"Bearer {token}"})
        assert refusal(answer) == (403, "bad_jwt"), token


async def test_claims_that_are_no_ids(auth: httpx.AsyncClient, stack: Stack) -> None:
    claims, key = claims_of((await sign_up(auth)).token), stack.keys.current
    for name in ("sub", "session_id"):
        token = jwt.encode({**claims, name: "x"}, key.private, "ES256", {"kid": key.kid})
        answer = await auth.get("/user", headers={"Authorization": f"Bearer {token}"})
        assert refusal(answer) == (400, "bad_jwt")


async def test_deleted_people_are_gone(auth: httpx.AsyncClient, stack: Stack) -> None:
    person = await sign_up(auth)
    async with auth_client(stack, stack.secret_key) as admin:
        await admin.delete(f"/admin/users/{person.id}")
    assert refusal(await auth.get("/user", headers=person.bearer)) == (403, "user_not_found")
    assert refusal(await refresh(auth, person.refresh_token)) == (400, "refresh_token_not_found")


async def test_metadata_is_merged_and_null_removes(auth: httpx.AsyncClient) -> None:
    person = await sign_up(auth, name="Ann", colour="red")
    changed = await update(auth, person, data={"name": "Anna", "colour": None, "size": 4})
    metadata = changed.json()["user_metadata"]
    assert (metadata["name"], metadata["size"], metadata["sub"]) == ("Anna", 4, person.id)
    assert "colour" not in metadata
    session = (await refresh(auth, person.refresh_token)).json()
    assert claims_of(session["access_token"])["user_metadata"] == metadata


async def test_metadata_has_a_limit_over_several_updates(auth: httpx.AsyncClient) -> None:
    person = await sign_up(auth)
    assert (await update(auth, person, data={"a": "x" * 3000})).status_code == 200
    assert refusal(await update(auth, person, data={"b": "x" * 3000})) == (422, "validation_failed")


async def test_new_password_ends_the_other_sessions(auth: httpx.AsyncClient) -> None:
    person = await sign_up(auth)
    elsewhere = (await sign_in(auth, person.email)).json()
    assert (await update(auth, person, password="another one")).status_code == 200
    assert (await sign_in(auth, person.email)).status_code == 400
    assert (await sign_in(auth, person.email, "another one")).status_code == 200
    assert (await refresh(auth, elsewhere["refresh_token"])).status_code == 400
    assert (await refresh(auth, person.refresh_token)).status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"password": PASSWORD}, (422, "same_password")),
        ({"password": "short"}, (422, "weak_password")),
        ({"password": ""}, (422, "weak_password")),
        ({"password": "x" * 73}, (400, "validation_failed")),
        ({"email": "nonsense"}, (400, "validation_failed")),
        ({"email": "someone.else@example.com"}, (422, "email_provider_disabled")),
        ({"phone": "4712345678"}, (422, "phone_provider_disabled")),
        ({"app_metadata": {"role": "admin"}}, (403, "not_admin")),
        ({"data": "text"}, (400, "bad_json")),
    ],
)
async def test_bad_updates(auth: httpx.AsyncClient, body: dict[str, object], code: tuple[int, str]) -> None:
    person = await sign_up(auth)
    assert refusal(await update(auth, person, **body)) == code
    assert (await auth.get("/user", headers=person.bearer)).json() == person.session["user"]


async def test_own_address_again_changes_nothing(auth: httpx.AsyncClient) -> None:
    person = await sign_up(auth)
    answer = await update(auth, person, email=person.email.upper())
    assert answer.json()["email"] == person.email


async def test_anonymous_person_becomes_permanent(auth: httpx.AsyncClient) -> None:
    person, email = await sign_up_anonymously(auth), new_email()
    user = (await update(auth, person, email=email, password=PASSWORD, data={"name": "Ann"})).json()
    assert (user["id"], user["email"], user["is_anonymous"]) == (person.id, email, False)
    assert user["app_metadata"] == {"provider": "email", "providers": ["email"]}
    assert [identity["provider"] for identity in user["identities"]] == ["email"]
    assert user["email_confirmed_at"]
    session = (await refresh(auth, person.refresh_token)).json()
    assert claims_of(session["access_token"])["is_anonymous"] is False
    signed_in = await sign_in(auth, email)
    assert signed_in.json()["user"]["id"] == person.id


async def test_anonymous_person_needs_an_address_that_is_free(auth: httpx.AsyncClient) -> None:
    person, other = await sign_up_anonymously(auth), await sign_up(auth)
    assert refusal(await update(auth, person, password=PASSWORD)) == (422, "validation_failed")
    taken = await update(auth, person, email=other.email, password=PASSWORD)
    assert refusal(taken) == (422, "email_exists")
    user = (await auth.get("/user", headers=person.bearer)).json()
    assert (user["is_anonymous"], user["email"]) == (True, "")


async def test_two_anonymous_people_who_want_one_address(auth: httpx.AsyncClient) -> None:
    people = [await sign_up_anonymously(auth) for _ in range(5)]
    email = new_email()
    answers = await asyncio.gather(*(update(auth, p, email=email, password=PASSWORD) for p in people))
    assert sorted(answer.status_code for answer in answers) == [200, 422, 422, 422, 422]


@pytest.mark.parametrize(
    ("scope", "here", "elsewhere"),
    [("", False, False), ("global", False, False), ("local", False, True), ("others", True, False)],
)
async def test_log_out(auth: httpx.AsyncClient, scope: str, here: bool, elsewhere: bool) -> None:
    person = await sign_up(auth)
    other = Person(person.email, (await sign_in(auth, person.email)).json())
    query = f"?scope={scope}" if scope else ""
    assert (await auth.post(f"/logout{query}", headers=person.bearer)).status_code == 204
    for session, alive in ((person, here), (other, elsewhere)):
        assert (await refresh(auth, session.refresh_token)).is_success is alive
        assert (await auth.get("/user", headers=session.bearer)).is_success is alive


async def test_log_out_with_an_unknown_scope(auth: httpx.AsyncClient) -> None:
    person = await sign_up(auth)
    answer = await auth.post("/logout?scope=everyone", headers=person.bearer)
    assert refusal(answer) == (400, "validation_failed")


async def test_a_trigger_that_fails_is_answered_and_nothing_is_left(auth: httpx.AsyncClient, stack: Stack) -> None:
    name = f"refuse_{uuid4().hex}"
    email = new_email()
    connection = await asyncpg.connect(stack.database_url, ssl=False)
    await connection.execute(
        f"create function public.{name}() returns trigger language plpgsql as "
        f"$$ begin if new.email = '{email}' then raise 'no'; end if; return new; end $$;"
        f"create trigger {name} after insert on auth.users for each row execute function public.{name}();"
    )
    try:
        answer = await auth.post("/signup", json={"email": email, "password": PASSWORD})
        assert refusal(answer) == (500, "unexpected_failure")
        assert await connection.fetchval("select count(*) from auth.users where email = $1", email) == 0
    finally:
        await connection.execute(f"drop function public.{name} cascade")
        await connection.close()
