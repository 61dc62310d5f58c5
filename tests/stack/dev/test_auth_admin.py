"""/admin/users, for the holder of the secret key only."""

from uuid import uuid4

import asyncpg
import httpx
import pytest
from argon2 import PasswordHasher

from dev.stack import Stack
from tests.support.auth_http import PASSWORD, Person, new_email, refresh, refusal, sign_in, sign_up

NIL = "00000000-0000-0000-0000-000000000000"


async def create(admin: httpx.AsyncClient, **body: object) -> httpx.Response:
    return await admin.post("/admin/users", json={"email": new_email(), **body})


ROUTES = [("GET", ""), ("POST", ""), ("GET", f"/{NIL}"), ("PUT", f"/{NIL}"), ("DELETE", f"/{NIL}")]


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_not_without_the_secret_key(auth: httpx.AsyncClient, method: str, path: str) -> None:
    person = await sign_up(auth)
    url = f"/admin/users{path}"
    assert refusal(await auth.request(method, url, json={})) == (401, "no_authorization")
    as_person = await auth.request(method, url, json={}, headers=person.bearer)
    assert refusal(as_person) == (403, "not_admin")


async def test_a_persons_token_beside_the_secret_key_is_the_person(
    auth: httpx.AsyncClient, admin: httpx.AsyncClient
) -> None:
    person = await sign_up(auth)
    assert refusal(await admin.get("/admin/users", headers=person.bearer)) == (403, "not_admin")


async def test_creates_a_person_who_can_sign_in(auth: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    made = await create(
        admin,
        password=PASSWORD,
        email_confirm=True,
        user_metadata={"name": "Ann"},
        app_metadata={"plan": "gold"},
    )
    user = made.json()
    assert user["user_metadata"] == {"name": "Ann", "email_verified": True}
    assert user["app_metadata"] == {"provider": "email", "providers": ["email"], "plan": "gold"}
    assert len(user["identities"]) == 1
    session = (await sign_in(auth, user["email"])).json()
    assert session["user"]["id"] == user["id"]


async def test_creates_with_an_id_and_a_hash_of_their_own(auth: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    wanted = str(uuid4())
    hashed = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
    user = (await create(admin, id=wanted, password_hash=hashed, email_confirm=True)).json()
    assert user["id"] == wanted
    assert (await sign_in(auth, user["email"])).status_code == 200


async def test_creates_without_a_password_nobody_knows(auth: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    user = (await create(admin, email_confirm=True)).json()
    assert refusal(await sign_in(auth, user["email"], "")) == (400, "invalid_credentials")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"email": ""}, (400, "validation_failed")),
        ({"email": "nonsense"}, (400, "validation_failed")),
        ({"id": "nonsense"}, (400, "validation_failed")),
        ({"id": NIL}, (400, "validation_failed")),
        ({"password": PASSWORD, "password_hash": "$argon2id$"}, (400, "validation_failed")),
        ({"password_hash": "$2a$10$abc"}, (400, "validation_failed")),
        ({"password": "x" * 73}, (400, "validation_failed")),
        ({"ban_duration": "tomorrow"}, (400, "validation_failed")),
        ({"ban_duration": "9999999999h"}, (400, "validation_failed")),
        ({"phone": "47"}, (422, "phone_provider_disabled")),
        ({"email_confirm": "yes"}, (400, "bad_json")),
    ],
)
async def test_bad_input(admin: httpx.AsyncClient, body: dict[str, object], code: tuple[int, str]) -> None:
    assert refusal(await create(admin, **body)) == code


async def test_taken_address_and_taken_id(auth: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    person = await sign_up(auth)
    assert refusal(await create(admin, email=person.email)) == (422, "email_exists")
    assert refusal(await create(admin, id=person.id)) == (422, "user_already_exists")
    other = await sign_up(auth)
    taken = await admin.put(f"/admin/users/{other.id}", json={"email": person.email})
    assert refusal(taken) == (422, "email_exists")


async def test_gets_one_and_tells_what_is_missing(auth: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    person = await sign_up(auth)
    assert (await admin.get(f"/admin/users/{person.id}")).json() == person.session["user"]
    for method, _ in (("GET", ""), ("PUT", ""), ("DELETE", "")):
        missing = await admin.request(method, f"/admin/users/{uuid4()}", json={})
        assert refusal(missing) == (404, "user_not_found")
        assert refusal(await admin.request(method, "/admin/users/nonsense", json={})) == (
            404,
            "validation_failed",
        )


async def test_changes_address_password_and_metadata(auth: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    person, email = await sign_up(auth, name="Ann"), new_email()
    body = {
        "email": email,
        "email_confirm": True,
        "password": "another one",
        "user_metadata": {"name": None, "size": 4},
        "app_metadata": {"plan": "gold"},
    }
    user = (await admin.put(f"/admin/users/{person.id}", json=body)).json()
    assert user["email"] == user["identities"][0]["email"] == email
    assert user["user_metadata"]["email"] == email
    assert (user["user_metadata"].get("name"), user["user_metadata"]["size"]) == (None, 4)
    assert user["app_metadata"]["plan"] == "gold"
    assert (await sign_in(auth, email, "another one")).status_code == 200
    assert (await refresh(auth, person.refresh_token)).status_code == 400


async def test_lists_page_by_page(admin: httpx.AsyncClient) -> None:
    made = [(await create(admin)).json()["id"] for _ in range(3)]
    first = await admin.get("/admin/users", params={"page": 1, "per_page": 2})
    second = await admin.get("/admin/users", params={"page": 2, "per_page": 2})
    assert [user["id"] for user in first.json()["users"]] == made[:0:-1]
    assert made[0] in [user["id"] for user in second.json()["users"]]
    assert first.json()["aud"] == "authenticated"
    assert int(first.headers["x-total-count"]) >= 3
    assert "page=2&per_page=2" in first.headers["link"].split(";")[0]
    assert 'rel="last"' in first.headers["link"]


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=x", "per_page=0", "per_page=1e9", "page=٣"])
async def test_bad_pages(admin: httpx.AsyncClient, query: str) -> None:
    assert refusal(await admin.get(f"/admin/users?{query}")) == (400, "validation_failed")


async def test_deleting_takes_everything_of_the_person(
    auth: httpx.AsyncClient, admin: httpx.AsyncClient, stack: Stack
) -> None:
    person = await sign_up(auth)
    await sign_in(auth, person.email)
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    tables = {"auth.identities": "user_id", "auth.sessions": "user_id", "public.users": "id"}
    tables["auth.refresh_tokens"] = "user_id"

    async def rows() -> list[int]:
        statement = "select count(*) from {} where {}::text = $1"
        return [await connection.fetchval(statement.format(t, c), person.id) for t, c in tables.items()]

    try:
        assert min(await rows()) > 0
        answer = await admin.delete(f"/admin/users/{person.id}")
        assert (answer.status_code, answer.json()) == (200, {})
        assert await rows() == [0] * len(tables)
    finally:
        await connection.close()
    assert refusal(await admin.delete(f"/admin/users/{person.id}")) == (404, "user_not_found")


async def test_soft_deleting_keeps_the_row_and_forgets_the_person(
    auth: httpx.AsyncClient, admin: httpx.AsyncClient
) -> None:
    person = await sign_up(auth, name="Ann")
    body = {"should_soft_delete": True}
    assert (await admin.request("DELETE", f"/admin/users/{person.id}", json=body)).status_code == 200
    user = (await admin.get(f"/admin/users/{person.id}")).json()
    assert user["deleted_at"]
    assert person.email not in str(user)
    assert "Ann" not in str(user)
    assert (await sign_in(auth, person.email)).status_code == 400
    assert (await refresh(auth, person.refresh_token)).status_code == 400
    again = await auth.post("/signup", json={"email": person.email, "password": PASSWORD})
    assert Person(person.email, again.json()).id != person.id
