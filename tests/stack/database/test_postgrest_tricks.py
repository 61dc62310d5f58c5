"""What PostgREST can do beyond plain requests, and what none of it opens."""

from itertools import product
from typing import Any
from uuid import uuid4

import httpx

from dev.stack import Stack
from tests.stack.database.rows import CHANGES, CUSTOM, JOB, changes_nothing, everything
from tests.support.cases import each_case
from tests.support.people import Person, rest_client
from tests.support.plans import make_plan
from tests.support.workouts import log, squat

MERGE = {"Prefer": "resolution=merge-duplicates,return=representation"}


async def test_embedding_and_filters_lead_to_nothing_more(
    rest: httpx.AsyncClient, bos: dict[str, str], ana: Person, bo: Person
) -> None:
    await make_plan(ana)
    embedded = (await rest.get("/plans?select=user_id,plan_versions(user_id)")).json()
    assert {row["user_id"] for row in embedded} == {ana.id}
    assert {version["user_id"] for row in embedded for version in row["plan_versions"]} == {ana.id}
    everyone = (await rest.get(f"/plans?or=(user_id.neq.{ana.id},{bos['plans'].replace('=eq.', '.eq.')})")).json()
    assert everyone == []
    liked = (await rest.get("/exercises?select=id,exercise_preferences!inner(user_id)")).json()
    assert liked == []
    await log(ana, await squat(ana))
    for path in (
        "workouts?select=user_id,sets(user_id)",
        f"workouts?select=user_id&or=(user_id.eq.{ana.id},{bos['workouts'].replace('=eq.', '.eq.')})",
    ):
        rows = (await rest.get(f"/{path}")).json()
        assert {row["user_id"] for row in rows} == {ana.id}
        assert bo.id not in str(rows)
    assert (await rest.get(f"/workouts?select=id,sets!inner(id)&{bos['workouts']}")).json() == []


async def test_no_relation_leads_to_the_accounts(rest: httpx.AsyncClient, ana: Person) -> None:
    await make_plan(ana)
    with each_case() as case:
        for select in ("*,users(*)", "*,auth.users(*)", "*,owner:user_id(*)", "user_id->>id,secret:auth"):
            with case(select):
                assert (await rest.get("/plans", params={"select": select})).status_code == 400


async def test_an_upsert_over_another_persons_row_is_refused(
    rest: httpx.AsyncClient, bos: dict[str, str], stack: Stack
) -> None:
    before = await everything(stack)
    with each_case() as case:
        for table, change in CHANGES.items():
            with case(table):
                theirs = str(
                    next(row["id"] for row in before[table] if f"{row.get('user_id', row['id'])}" in bos["users"])
                )
                row: dict[str, Any] = CUSTOM if table == "exercises" else change or {"reason": "x"}
                row = row | {"id": theirs}
                assert changes_nothing(await rest.post(f"/{table}?on_conflict=id", json=row, headers=MERGE))
                assert changes_nothing(await rest.put(f"/{table}?id=eq.{theirs}", json=row))
    assert await everything(stack) == before


async def test_an_upsert_of_a_preference_changes_only_ones_own(
    rest: httpx.AsyncClient, bos: dict[str, str], ana: Person, bo: Person, stack: Stack
) -> None:
    library = (await rest.get("/exercises?slug=eq.bench-press&select=id")).json()[0]["id"]
    await bo.put(f"/api/v1/exercises/{library}/preference", json={"kind": "favourite", "reason": "Bo's"})
    row = {"exercise_id": library, "kind": "excluded"}
    path = "/exercise_preferences?on_conflict=user_id,exercise_id"
    for _ in range(2):
        answer = (await rest.post(path, json=row, headers=MERGE)).json()
        assert [(made["user_id"], made["kind"]) for made in answer] == [(ana.id, "excluded")]
    assert changes_nothing(await rest.post(path, json=row | {"user_id": bo.id}, headers=MERGE))
    kept = {(str(row["user_id"]), row["kind"]) for row in (await everything(stack))["exercise_preferences"]}
    assert {(ana.id, "excluded"), (bo.id, "favourite")} <= kept


async def test_counts_do_not_tell_of_other_people(rest: httpx.AsyncClient, bo: Person, bos: dict[str, str]) -> None:
    async def counted(table: str, count: str, person: object) -> str:
        where = f"{'id' if table == 'users' else 'user_id'}=eq.{person}"
        answer = await rest.get(f"/{table}?select=id&{where}", headers={"Prefer": f"count={count}"})
        return answer.headers["content-range"]

    with each_case() as case:
        for table, count in product(CHANGES.keys() - {"idempotency_keys"}, ("exact", "planned", "estimated")):
            with case(f"{count} of {table}"):
                theirs, nobodys = await counted(table, count, bo.id), await counted(table, count, uuid4())
                assert theirs == nobodys
                if count == "exact":
                    assert theirs == "*/0"


async def test_aggregates_are_off(rest: httpx.AsyncClient) -> None:
    with each_case() as case:
        for select in ("count()", "version.sum()", "user_id,version.max()"):
            with case(select):
                assert (await rest.get("/plans", params={"select": select})).status_code == 400


async def test_no_preference_reaches_another_persons_row(
    rest: httpx.AsyncClient, bos: dict[str, str], stack: Stack
) -> None:
    before = await everything(stack)
    with each_case() as case:
        for prefer in ("tx=rollback", "tx=commit", "handling=lenient", "missing=default", "max-affected=100"):
            with case(prefer):
                headers = {"Prefer": f"return=representation,{prefer}"}
                for table in ("plans", "exercises", "users", "measurements", "chat_messages"):
                    change = CHANGES[table] or {"message": "x"}
                    assert changes_nothing(await rest.patch(f"/{table}?{bos[table]}", json=change, headers=headers))
                    assert changes_nothing(await rest.delete(f"/{table}?{bos[table]}", headers=headers))
                missing = await rest.post("/plans?columns=name,user_id", json=[{"name": "x"}], headers=headers)
                assert missing.status_code == 403
    assert await everything(stack) == before


async def test_other_schemas_are_not_served(rest: httpx.AsyncClient) -> None:
    with each_case() as case:
        for schema in ("auth", "private", "extensions", "pg_catalog", "supabase_migrations"):
            with case(schema):
                headers = {"Accept-Profile": schema, "Content-Profile": schema}
                assert (await rest.get("/users", headers=headers)).status_code == 406
                assert (await rest.post("/users", json={}, headers=headers)).status_code == 406


async def test_reading_a_function_that_writes_is_refused(rest: httpx.AsyncClient, ana: Person) -> None:
    # GET is what a link in a page can make a browser send.
    exercise = (await rest.post("/exercises", json=CUSTOM)).json()[0]["id"]
    plan = await make_plan(ana)
    workout = (await log(ana, exercise))["workout"]
    job = (await rest.post("/rpc/enqueue_job", json=JOB)).json()
    for call in (
        f"delete_exercise?exercise_id={exercise}",
        f"activate_plan?plan_id={plan['id']}",
        "create_plan?payload={}",
        "log_workout?payload={}",
        f"update_workout?workout_id={workout['id']}&payload={{}}",
        f"delete_workout?workout_id={workout['id']}",
        f"cancel_job?job_id={job['id']}",
        "enqueue_job?kind=import_account&input={}&dedupe_key=x",
        f"begin_chat?client_id={plan['id']}&message=Hi",
        "finish_chat?payload={}",
        f"release_chat?message_id={plan['id']}",
    ):
        assert (await rest.get(f"/rpc/{call}")).status_code == 405, call
    assert (await ana.get(f"/api/v1/exercises/{exercise}")).status_code == 200
    assert (await ana.get(f"/api/v1/plans/{plan['id']}")).json() == plan
    assert (await ana.get(f"/api/v1/workouts/{workout['id']}")).status_code == 200
    assert [row["status"] for row in (await rest.get("/jobs?select=status")).json()] == ["queued"]
    assert (await rest.get("/chat_messages")).json() == []


async def test_no_other_format_shows_more(rest: httpx.AsyncClient, bo: Person, bos: dict[str, str]) -> None:
    formats = ("text/csv", "application/vnd.pgrst.plan+json", "application/geo+json", "application/octet-stream")
    with each_case() as case:
        for accept in formats:
            with case(accept):
                answer = await rest.get(f"/plans?{bos['plans']}", headers={"Accept": accept})
                assert answer.status_code in {200, 404, 406, 415}
                assert bo.id not in answer.text
                assert "Strength" not in answer.text


async def test_the_description_of_the_api_shows_nothing_to_strangers(stack: Stack, rest: httpx.AsyncClient) -> None:
    async with rest_client(stack) as anyone:
        assert (await anyone.get("/")).status_code == 401
    shown = set((await rest.get("/")).json()["paths"])
    assert {"/plans", "/rpc/create_plan", "/rpc/log_workout"} <= shown
    assert not shown & {"/idempotency_keys", "/rpc/claim_idempotency_key", "/rpc/set_updated_at"}
    assert not shown & {"/rpc/claim_jobs", "/rpc/finish_job", "/rpc/import_batch", "/rpc/decay_affinity", "/rpc/purge"}


async def test_an_anonymous_sign_in_reaches_nobody_else(stack: Stack, bos: dict[str, str]) -> None:
    async with httpx.AsyncClient(headers={"apikey": stack.publishable_key}) as auth:
        session = (await auth.post(f"{stack.supabase_url}/auth/v1/signup", json={})).json()
    assert session["user"]["is_anonymous"]
    before = await everything(stack)
    async with rest_client(stack, session["access_token"]) as guest:
        guest.headers["Prefer"] = "return=representation"
        for table in CHANGES:
            assert changes_nothing(await guest.get(f"/{table}?{bos[table]}"))
            assert changes_nothing(await guest.patch(f"/{table}?{bos[table]}", json=CHANGES[table] or {"reason": "x"}))
            assert changes_nothing(await guest.delete(f"/{table}?{bos[table]}"))
        assert await everything(stack) == before
        made = (await guest.post("/plans", json={"name": "Mine"})).json()
        assert [row["user_id"] for row in made] == [session["user"]["id"]]
