"""Removing an account: at once, whoever writes meanwhile, and whatever the auth service does."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from dev.stack import Stack
from src.core.config import Settings
from src.core.errors import AppError
from src.core.http_client import HttpClient, build_client
from src.core.rest import RestClient
from src.core.service_gateway import ServiceGateway
from src.core.trace import Trace
from tests.stack.database.rows import FOOD as FOOD_ROW
from tests.support.cases import each_case
from tests.support.foods import FOOD
from tests.support.jobs import service
from tests.support.people import Newcomer, Person, assert_problem, rest_client
from tests.support.plans import PLANS, content_with
from tests.support.transactions import is_waited_for, session_of, waits
from tests.support.upstreams import Exchange, scripted
from tests.support.workouts import LOG, session, squat

ME = "/api/v1/users/me"
GONE = "This account no longer exists."


async def asked(*statuses: int) -> int:
    """How often the auth service is asked, when it answers with these; raises what the deletion raises."""
    left = list(statuses)

    async def script(exchange: Exchange) -> None:
        if exchange.request.path.startswith("/rest/"):
            assert left == list(statuses), "the account is closed first"
            await exchange.answer(204)
        else:
            await exchange.answer(left.pop(0), b"{}")

    async with scripted(script) as server, build_client() as client:
        settings = Settings.model_validate(
            {
                "supabase_url": server.url,
                "supabase_publishable_key": "sb_publishable_x",
                "supabase_secret_key": "sb_secret_x",
            }
        )
        await ServiceGateway(RestClient(HttpClient(client, timeout=30), {}), settings, Trace(None)).delete_account(
            uuid4()
        )
    return len(statuses) - len(left)


@pytest.mark.parametrize("status", [200, 204, 404])
async def test_what_is_gone_is_asked_for_once(status: int) -> None:
    assert await asked(status, 500) == 1


async def test_a_deletion_that_failed_is_tried_again() -> None:
    assert await asked(500, 200) == 2


async def test_a_service_that_is_down_is_said_to_be() -> None:
    with pytest.raises(AppError):
        await asked(503, 503)
    with pytest.raises(AppError):
        await asked(403)


# A person who deletes their account while their phone, watch and browser write -------------------------------------


async def write_until_gone(person: Person, exercise: str, kind: int) -> list[httpx.Response]:
    """Writes one thing after the other until it is refused; the answers."""
    answers: list[httpx.Response] = []
    day = datetime(2020, 1, 1, 10, tzinfo=UTC) + timedelta(days=1000 * kind)
    while not answers or answers[-1].status_code < 400:
        number = len(answers)
        at = (day + timedelta(days=number)).isoformat()
        match kind:
            case 0:
                body = session(exercise, at=at)
                answer = await person.post(LOG, json=body)
            case 1:
                answer = await person.post(PLANS, json={"name": f"{number}", "content": content_with(exercise)})
            case 2:
                weight = {"kind": "body_weight", "value": 80, "measured_at": at}
                answer = await person.post("/api/v1/measurements", json=weight)
            case 3:
                memory = {"kind": "fact", "content": f"I own {number} kettlebells"}
                answer = await person.post("/api/v1/memories", json=memory)
            case 4:
                answer = await person.post("/api/v1/foods", json=FOOD | {"name": f"Bar {number}"})
            case _:
                said = {"client_id": str(uuid4()), "message": f"Hello {number}"}
                answer = await person.post("/api/v1/chat", json=said)
        answers.append(answer)
    return answers


async def delete_account(person: Person, stack: Stack, way: str) -> None:
    """Deletes an account through the API, or as the dashboard does: its row in auth.users, and nothing before."""
    if way == "api":
        deleted = await person.delete(ME)
        assert deleted.status_code == 204, deleted.text
        return
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        await connection.execute("set statement_timeout = '8s'")
        assert await connection.execute("delete from auth.users where id = $1", person.id) == "DELETE 1"
    finally:
        await connection.close()


@pytest.mark.parametrize("way", ["api", "dashboard"])
async def test_an_account_is_deleted_while_six_write_to_it(newcomer: Newcomer, stack: Stack, way: str) -> None:
    with each_case() as case:
        for round_ in range(12):
            person = await newcomer()
            exercise = await squat(person)
            writers = [asyncio.create_task(write_until_gone(person, exercise, kind)) for kind in range(6)]
            # Later in each round, so that writers are at different places.
            for _ in range(2 + round_):
                await person.get("/api/v1/affinity")
            with case(round_):
                await delete_account(person, stack, way)
            answers = await asyncio.gather(*writers)
            with case(round_):
                last = [writer[-1] for writer in answers]
                assert Counter(answer.status_code for answer in last) == {401: 6}, [answer.text for answer in last]
                assert {answer.json()["detail"] for answer in last} == {GONE}
                assert await rows_left(stack, person.id) == 0


async def rows_left(stack: Stack, user_id: str) -> int:
    """How many rows of this person there are, in all tables."""
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        tables = await connection.fetch(
            "select a.attrelid::regclass::text as name from pg_attribute as a join pg_class as c on c.oid = a.attrelid"
            " where a.attname = 'user_id' and c.relkind in ('r', 'p')"
            " and c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)"
            # A number that is forgotten after an hour: it refers to no account, so that no deletion waits for it.
            " and c.relname <> 'write_allowances'"
        )
        counts = [
            await connection.fetchval(f"select count(*) from {table['name']} where user_id = $1", user_id)  # noqa: S608
            for table in tables
        ]
        counts.append(await connection.fetchval("select count(*) from auth.users where id = $1", user_id))
        return sum(counts)
    finally:
        await connection.close()


async def test_deleting_waits_for_what_is_being_written(ana: Person, stack: Stack) -> None:
    async with session_of(ana, stack) as writing:
        await writing.execute("insert into public.plans (name) values ('Late')")
        deleting = asyncio.create_task(ana.delete(ME))
        await is_waited_for(writing, stack)
        await writing.execute("update public.plans set name = 'Later'")
        await writing.execute("commit")
        assert (await deleting).status_code == 204
    assert await rows_left(stack, ana.id) == 0


async def test_what_waits_for_the_deletion_is_refused(ana: Person, stack: Stack) -> None:
    async with session_of(ana, stack) as late:
        closing = await asyncpg.connect(stack.admin_database_url, ssl=False)
        try:
            transaction = closing.transaction()
            await transaction.start()
            await closing.execute("select public.close_account($1)", ana.id)
            writing = asyncio.create_task(late.execute("insert into public.plans (name) values ('Late')"))
            await waits(late, stack)
            await transaction.commit()
        finally:
            await closing.close()
        with pytest.raises(asyncpg.PostgresError, match=GONE):
            await writing


async def test_nobody_who_comes_later_overtakes_a_deletion(ana: Person, stack: Stack) -> None:
    # The account's row alone is deleted, as by the dashboard. If writers only shared it, each of them would let the
    # next one in, and the deletion would wait for as long as there are two.
    async with session_of(ana, stack) as early, session_of(ana, stack) as late:
        await early.execute("insert into public.plans (name) values ('Early')")
        deleting = asyncio.create_task(delete_account(ana, stack, "dashboard"))
        await is_waited_for(early, stack)
        writing = asyncio.create_task(late.execute("insert into public.plans (name) values ('Late')"))
        await waits(late, stack)
        await early.execute("commit")
        with pytest.raises(asyncpg.PostgresError, match=GONE):
            await writing
        await deleting
    assert await rows_left(stack, ana.id) == 0


async def test_an_account_that_the_auth_service_did_not_delete_is_deleted_by_the_clock(
    ana: Person, bo: Person, settings: Settings, stack: Stack, anonymous: Person
) -> None:
    assert (await ana.post("/api/v1/plans", json={"name": "x"})).status_code == 201
    async with service(settings) as gateway:
        await gateway.call("close_account", {"user_id": ana.id})
        await gateway.call("close_account", {"user_id": ana.id})
        assert_problem(await ana.post("/api/v1/plans", json={"name": "y"}), 401, "unauthenticated")
        assert_problem(await ana.get(ME), 401, "unauthenticated")
        assert await gateway.call("unfinished_deletions") == []
        connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
        try:
            await connection.execute(
                "update public.users set closed_at = now() - interval '2 minutes' where id = $1", ana.id
            )
        finally:
            await connection.close()
        assert [UUID(left) for left in await gateway.call("unfinished_deletions")] == [UUID(ana.id)]
    purge = await anonymous.post("/api/internal/cron/purge", headers={"Authorization": f"Bearer {stack.cron_secret}"})
    assert purge.status_code == 200
    assert purge.json()["changed"] >= 1
    assert await rows_left(stack, ana.id) == 0
    assert (await bo.get(ME)).status_code == 200


async def test_deleting_twice_is_a_success(ana: Person) -> None:
    for _ in range(2):
        assert (await ana.delete(ME)).status_code == 204


async def test_late_writes_to_postgrest_are_refused_too(ana: Person, stack: Stack) -> None:
    assert (await ana.delete(ME)).status_code == 204
    late = {
        "/plans": {"name": "x"},
        "/measurements": {"kind": "body_weight", "value": 80},
        "/exercises": {"name": "x", "kind": "reps", "primary_muscles": ["abs"]},
        "/foods": FOOD_ROW,
        "/rpc/create_plan": {"payload": {"name": "x"}},
        "/rpc/log_workout": {"payload": {}},
        "/rpc/forget_all_memories": {},
        "/rpc/enqueue_job": {"kind": "import_workouts", "input": {}, "dedupe_key": "x"},
        "/rpc/begin_chat": {"client_id": str(uuid4()), "message": "x"},
    }
    async with rest_client(stack, ana.token) as direct:
        with each_case() as case:
            for path, body in late.items():
                with case(path):
                    answer = await direct.post(path, json=body)
                    assert (answer.status_code, answer.json()["message"]) == (401, GONE)
