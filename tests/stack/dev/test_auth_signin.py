"""POST /token with a password."""

import httpx
import pytest

from tests.support.auth_http import PASSWORD, claims_of, new_email, refusal, sign_in, sign_up


async def test_signs_in_whatever_the_case_of_the_address(auth: httpx.AsyncClient) -> None:
    person = await sign_up(auth, name="Ann")
    answer = await sign_in(auth, person.email.upper())
    assert answer.status_code == 200
    session = answer.json()
    assert session["weak_password"] is None
    assert session["user"]["id"] == person.id
    assert session["user"]["last_sign_in_at"] > person.session["user"]["last_sign_in_at"]
    old, new = claims_of(person.token), claims_of(session["access_token"])
    assert new["session_id"] != old["session_id"]
    assert session["refresh_token"] != person.refresh_token


async def test_wrong_password_and_unknown_address_look_the_same(auth: httpx.AsyncClient) -> None:
    person = await sign_up(auth)
    wrong = await sign_in(auth, person.email, "something else")
    unknown = await sign_in(auth, new_email())
    assert refusal(wrong) == (400, "invalid_credentials")
    assert wrong.json() == unknown.json()


async def test_anonymous_people_have_no_password(auth: httpx.AsyncClient) -> None:
    assert refusal(await sign_in(auth, new_email(), "")) == (400, "invalid_credentials")


@pytest.mark.parametrize(
    ("query", "body", "code"),
    [
        ("?grant_type=password", {"password": PASSWORD}, (400, "validation_failed")),
        ("?grant_type=password", {"phone": "47", "password": PASSWORD}, (422, "phone_provider_disabled")),
        ("?grant_type=password", {"email": ["a"], "password": PASSWORD}, (400, "bad_json")),
        ("?grant_type=id_token", {}, (422, "provider_disabled")),
        ("?grant_type=pkce", {}, (422, "provider_disabled")),
        ("?grant_type=nonsense", {}, (400, "invalid_credentials")),
        ("", {}, (400, "invalid_credentials")),
    ],
)
async def test_bad_input(auth: httpx.AsyncClient, query: str, body: dict[str, object], code: tuple[int, str]) -> None:
    assert refusal(await auth.post(f"/token{query}", json=body)) == code


async def test_unconfirmed_address_cannot_sign_in(auth: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    email = new_email()
    await admin.post("/admin/users", json={"email": email, "password": PASSWORD})
    assert refusal(await sign_in(auth, email)) == (400, "email_not_confirmed")
    assert refusal(await sign_in(auth, email, "something else")) == (400, "invalid_credentials")


async def test_password_made_weak_by_an_admin_is_told(auth: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    email = new_email()
    await admin.post("/admin/users", json={"email": email, "password": "abc", "email_confirm": True})
    session = (await sign_in(auth, email, "abc")).json()
    assert session["weak_password"]["reasons"] == ["length"]


async def test_banned_person_cannot_sign_in_until_the_ban_is_lifted(
    auth: httpx.AsyncClient, admin: httpx.AsyncClient
) -> None:
    person = await sign_up(auth)
    path = f"/admin/users/{person.id}"
    banned = await admin.put(path, json={"ban_duration": "1h30m"})
    assert banned.json()["banned_until"]
    assert refusal(await sign_in(auth, person.email)) == (400, "user_banned")
    refresh = {"refresh_token": person.refresh_token}
    assert refusal(await auth.post("/token?grant_type=refresh_token", json=refresh)) == (400, "user_banned")
    lifted = await admin.put(path, json={"ban_duration": "none"})
    assert "banned_until" not in lifted.json()
    assert (await sign_in(auth, person.email)).status_code == 200
    assert (await auth.post("/token?grant_type=refresh_token", json=refresh)).status_code == 200
