"""POST /token with a refresh token: rotation, reuse, and many at once."""

import asyncio

import asyncpg
import httpx
import pytest

from tests.support.auth_http import claims_of, refresh, refusal, sign_up, sign_up_anonymously


async def age(superuser: "asyncpg.Connection[asyncpg.Record]", token: str, seconds: int) -> None:
    """Make a token look used that long ago."""
    await superuser.execute(
        "update auth.refresh_tokens set updated_at = updated_at - make_interval(secs => $2) where token = $1",
        token,
        seconds,
    )


async def test_each_use_gives_the_next_token_of_the_same_session(auth: httpx.AsyncClient) -> None:
    person = await sign_up(auth, name="Ann")
    first = (await refresh(auth, person.refresh_token)).json()
    second = (await refresh(auth, first["refresh_token"])).json()
    assert len({person.refresh_token, first["refresh_token"], second["refresh_token"]}) == 3
    before, after = claims_of(person.token), claims_of(second["access_token"])
    for name in ("sub", "session_id", "amr", "aal", "user_metadata", "app_metadata"):
        assert after[name] == before[name]
    assert second["user"]["id"] == person.id


async def test_anonymous_sessions_refresh_too(auth: httpx.AsyncClient) -> None:
    person = await sign_up_anonymously(auth)
    session = (await refresh(auth, person.refresh_token)).json()
    assert claims_of(session["access_token"])["is_anonymous"] is True


async def test_27_at_once_end_with_one_family_and_all_valid(
    auth: httpx.AsyncClient, superuser: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    person = await sign_up(auth)
    answers = await asyncio.gather(*(refresh(auth, person.refresh_token) for _ in range(27)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
    for answer in answers:
        bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        assert (await auth.get("/user", headers=bearer)).status_code == 200
    rows = await superuser.fetch(
        "select token, parent, revoked, session_id from auth.refresh_tokens where user_id = $1 order by id",
        person.id,
    )
    assert [row["revoked"] for row in rows] == [True, False]
    assert rows[1]["parent"] == person.refresh_token
    assert len({row["session_id"] for row in rows}) == 1


async def test_within_the_interval_an_older_token_gets_the_active_one(auth: httpx.AsyncClient) -> None:
    person = await sign_up(auth)
    first = (await refresh(auth, person.refresh_token)).json()["refresh_token"]
    active = (await refresh(auth, first)).json()["refresh_token"]
    assert (await refresh(auth, person.refresh_token)).json()["refresh_token"] == active
    assert (await refresh(auth, first)).json()["refresh_token"] == active


async def test_parent_of_the_active_token_is_answered_after_the_interval_too(
    auth: httpx.AsyncClient, superuser: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    person = await sign_up(auth)
    active = (await refresh(auth, person.refresh_token)).json()["refresh_token"]
    await age(superuser, person.refresh_token, 3600)
    assert (await refresh(auth, person.refresh_token)).json()["refresh_token"] == active


@pytest.mark.parametrize("seconds", [10, 3600])
async def test_reuse_after_the_interval_ends_the_whole_family(
    auth: httpx.AsyncClient, superuser: "asyncpg.Connection[asyncpg.Record]", seconds: int
) -> None:
    person = await sign_up(auth)
    first = (await refresh(auth, person.refresh_token)).json()["refresh_token"]
    active = (await refresh(auth, first)).json()
    await age(superuser, person.refresh_token, seconds)
    answer = await refresh(auth, person.refresh_token)
    assert refusal(answer) == (400, "refresh_token_already_used")
    for token in (active["refresh_token"], first, person.refresh_token):
        assert (await refresh(auth, token)).status_code == 400
    bearer = {"Authorization": f"Bearer {active['access_token']}"}
    assert refusal(await auth.get("/user", headers=bearer)) == (403, "session_not_found")


async def test_reuse_leaves_other_sessions_and_other_people_alone(
    auth: httpx.AsyncClient, superuser: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    person, other = await sign_up(auth), await sign_up(auth)
    body = {"email": person.email, "password": "correct horse 1"}
    elsewhere = (await auth.post("/token?grant_type=password", json=body)).json()
    first = (await refresh(auth, person.refresh_token)).json()["refresh_token"]
    await refresh(auth, first)
    await age(superuser, person.refresh_token, 60)
    assert (await refresh(auth, person.refresh_token)).status_code == 400
    assert (await refresh(auth, elsewhere["refresh_token"])).status_code == 200
    assert (await refresh(auth, other.refresh_token)).status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"refresh_token": "doesnotexist"}, (400, "refresh_token_not_found")),
        ({"refresh_token": "' or 1=1 --"}, (400, "refresh_token_not_found")),
        ({"refresh_token": ""}, (400, "validation_failed")),
        ({}, (400, "validation_failed")),
        ({"refresh_token": 1}, (400, "bad_json")),
    ],
)
async def test_bad_input(auth: httpx.AsyncClient, body: dict[str, object], code: tuple[int, str]) -> None:
    assert refusal(await auth.post("/token?grant_type=refresh_token", json=body)) == code


async def test_ended_sessions_do_not_refresh(auth: httpx.AsyncClient) -> None:
    person = await sign_up(auth)
    assert (await auth.post("/logout", headers=person.bearer)).status_code == 204
    assert refusal(await refresh(auth, person.refresh_token)) == (400, "refresh_token_not_found")
