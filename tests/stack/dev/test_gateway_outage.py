"""The stack's parts killed, frozen and rotated under the gateway. On a stack of its own."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator

import httpx
import jwt
import pytest

from dev.postgrest import PostgrestFiles, tell_keys_changed
from dev.stack import Options, Stack
from tests.support.auth_http import Person, auth_client, refresh, refusal, sign_up


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with asyncio.Runner() as runner:
        # Durable: what was committed must be there after Postgres was killed.
        local = Stack(Options(tmp_path_factory.mktemp("outage") / "data"))
        runner.run(local.__aenter__())
        try:
            yield local
        finally:
            runner.run(local.__aexit__(None, None, None))


def rest_of(stack: Stack, person: Person) -> httpx.AsyncClient:
    headers = {"apikey": stack.publishable_key, **person.bearer}
    return httpx.AsyncClient(base_url=f"{stack.supabase_url}/rest/v1", headers=headers, timeout=30)


async def test_postgrest_killed_and_back(own_stack: Stack) -> None:
    async with auth_client(own_stack) as auth:
        person = await sign_up(auth)
        async with rest_of(own_stack, person) as rest:
            assert (await rest.get("/users")).status_code == 200
            own_stack.postgrest.kill()
            for method in ("GET", "POST"):
                answer = await rest.request(method, "/users")
                assert answer.status_code == 503
                assert "PostgREST" in answer.json()["message"]
            assert (await auth.get("/user", headers=person.bearer)).status_code == 200
            await own_stack.postgrest.restart()
            assert (await rest.get("/users")).status_code == 200


async def test_frozen_postgrest_goes_on_with_what_it_was_asked(own_stack: Stack) -> None:
    async with auth_client(own_stack) as auth:
        person = await sign_up(auth)
    async with rest_of(own_stack, person) as rest:
        own_stack.postgrest.freeze()
        try:
            asked = [asyncio.create_task(rest.get("/users?select=id")) for _ in range(5)]
            with pytest.raises(httpx.ReadTimeout):
                await rest.get("/users", timeout=httpx.Timeout(30, read=0.3))
        finally:
            own_stack.postgrest.thaw()
        for answer in await asyncio.gather(*asked):
            assert answer.json() == [{"id": person.id}]


async def test_postgres_killed_and_back(own_stack: Stack) -> None:
    async with auth_client(own_stack) as auth:
        person = await sign_up(auth)
        own_stack.postgres.kill()
        answers = [await auth.get("/user", headers=person.bearer), await auth.get("/health")]
        for answer in answers:
            assert refusal(answer) == (503, "unexpected_failure")
        assert (await auth.get("/settings")).status_code == 200
        await own_stack.postgres.restart()
        # Connections that died with it are not handed out again.
        answers = await asyncio.gather(*(auth.get("/user", headers=person.bearer) for _ in range(20)))
        assert {answer.status_code for answer in answers} == {200}


async def test_rotation_under_use_refuses_nobody(own_stack: Stack) -> None:
    """Three rotations while people refresh and query: every token is good everywhere at once."""
    files, stop = PostgrestFiles(own_stack.data_dir), asyncio.Event()
    signed_with: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    async def use(person: Person) -> None:
        async with auth_client(own_stack) as auth:
            token = person.refresh_token
            while not stop.is_set():
                session = (await refresh(auth, token)).json()
                token = session["refresh_token"]
                signed_with[jwt.get_unverified_header(session["access_token"])["kid"]].set()
                async with rest_of(own_stack, Person(person.email, session)) as rest:
                    answer = await rest.get("/users?select=id")
                    assert (answer.status_code, answer.json()) == (200, [{"id": person.id}])
                    keyed = await rest.get("/users?select=id", headers={"Authorization": ""})
                    assert keyed.status_code == 401, "anon may not read"
                    assert keyed.json()["code"] == "42501", "refused by grants, not for its token"

    async with auth_client(own_stack) as auth:
        people = [await sign_up(auth) for _ in range(3)]
    async with asyncio.TaskGroup() as group:
        for person in people:
            group.create_task(use(person))
        for _ in range(3):
            kid = own_stack.keys.rotate().kid
            assert tell_keys_changed(files)
            await asyncio.wait_for(signed_with[kid].wait(), 30)
        stop.set()
    async with rest_of(own_stack, people[0]) as rest:
        assert (await rest.get("/users")).status_code == 200, "a token from before all rotations"


async def test_gateway_starts_again_with_the_same_keys_and_people(own_stack: Stack) -> None:
    async with auth_client(own_stack) as auth:
        person = await sign_up(auth)
    before = (own_stack.data_dir / "keys.json").read_bytes()
    await own_stack.gateway.restart()
    assert (own_stack.data_dir / "keys.json").read_bytes() == before
    async with auth_client(own_stack) as auth:
        assert (await auth.get("/user", headers=person.bearer)).status_code == 200
        assert (await refresh(auth, person.refresh_token)).status_code == 200
