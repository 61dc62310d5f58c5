"""Many at once: nothing is done twice, and nothing falls between two chairs."""

import asyncio
from collections import Counter
from uuid import uuid4

from tests.support.people import Person
from tests.support.plans import PLANS, content_with, exercise_id, make_plan

MANY = 27


async def test_one_key_at_once_makes_one_plan(ana: Person) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    answers = await asyncio.gather(*(ana.post(PLANS, json={"name": "Once"}, headers=key) for _ in range(MANY)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: MANY - 1}
    assert len({answer.text for answer in answers}) == 1
    assert (await ana.get(PLANS)).json()["total"] == 1


async def test_activating_many_plans_at_once_leaves_one_active(ana: Person) -> None:
    content = content_with(await exercise_id(ana, "Squat"))
    plans = [await make_plan(ana, content=content) for _ in range(MANY)]
    answers = await asyncio.gather(*(ana.post(f"{PLANS}/{plan['id']}/activate") for plan in plans))
    assert {answer.status_code for answer in answers} == {200}
    assert (await ana.get(PLANS, params={"status": "active"})).json()["total"] == 1


async def test_everything_at_once_ends_without_a_failure(ana: Person) -> None:
    content = content_with(await exercise_id(ana, "Squat"))
    plans = [await make_plan(ana, content=content) for _ in range(5)]
    paths = [f"{PLANS}/{plan['id']}" for plan in plans]
    other = content_with(await exercise_id(ana, "Deadlift"))
    answers = await asyncio.gather(
        *(ana.post(f"{path}/activate") for path in paths for _ in range(3)),
        *(ana.put(path, json={"name": "x", "content": other}) for path in paths),
        *(ana.post(f"{path}/versions/1/restore") for path in paths),
        *(ana.put(path, json={"name": "y", "content": content, "status": "active"}) for path in paths),
        *(ana.delete(path) for path in paths[:2]),
    )
    assert {answer.status_code for answer in answers} <= {200, 204, 404, 409}
    assert (await ana.get(PLANS, params={"status": "active"})).json()["total"] <= 1


async def test_of_many_changes_of_one_state_one_wins(ana: Person) -> None:
    plan = await make_plan(ana, content=None)
    path = f"{PLANS}/{plan['id']}"
    etag = {"If-Match": (await ana.get(path)).headers["etag"]}
    answers = await asyncio.gather(*(ana.put(path, json={"name": f"Try {n}"}, headers=etag) for n in range(MANY)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: MANY - 1}
    winner = next(answer for answer in answers if answer.status_code == 200)
    assert (await ana.get(path)).json() == winner.json()


async def test_restoring_at_once_makes_one_version(ana: Person) -> None:
    plan = await make_plan(ana)
    path = f"{PLANS}/{plan['id']}"
    await ana.put(path, json={"name": "x", "content": content_with(await exercise_id(ana, "Deadlift"))})
    answers = await asyncio.gather(*(ana.post(f"{path}/versions/1/restore") for _ in range(MANY)))
    assert {answer.status_code for answer in answers} == {200}
    assert (await ana.get(f"{path}/versions")).json()["total"] == 3


async def test_two_people_over_one_pool_never_see_each_other(ana: Person, bo: Person) -> None:
    for person, name in ((ana, "Ana's"), (bo, "Bo's")):
        await make_plan(person, name=name, content=None)

    async def look(person: Person) -> list[str]:
        return [plan["name"] for plan in (await person.get(PLANS)).json()["items"]]

    seen = await asyncio.gather(*(look(person) for _ in range(200) for person in (ana, bo)))
    assert seen == [["Ana's"], ["Bo's"]] * 200
