"""Body measurements: one of each kind a day."""

import asyncio
from collections import Counter
from datetime import datetime
from typing import Any
from uuid import uuid4

from tests.support.cases import each_case
from tests.support.people import Person, assert_problem

PATH = "/api/v1/measurements"
MORNING = "2025-06-02T07:00:00+02:00"


async def test_another_one_of_a_day_replaces_the_first(ana: Person) -> None:
    first = await ana.post(PATH, json={"kind": "body_weight", "value": 70.5, "measured_at": MORNING})
    assert first.status_code == 201, first.text
    second = await ana.post(PATH, json={"kind": "body_weight", "value": 70.1, "measured_at": "2025-06-02T20:00:00Z"})
    assert second.status_code == 200
    assert second.json()["id"] == first.json()["id"]
    assert second.json()["value"] == 70.1
    page = (await ana.get(PATH)).json()
    assert [item["value"] for item in page["items"]] == [70.1]


async def test_without_a_time_it_is_measured_now_the_second_time_too(ana: Person) -> None:
    body = {"kind": "body_weight", "value": 70.5}
    first, second = [datetime.fromisoformat((await ana.post(PATH, json=body)).json()["measured_at"]) for _ in range(2)]
    assert first < second


async def test_many_at_once_are_one(ana: Person) -> None:
    body = {"kind": "waist", "value": 0.8, "measured_at": MORNING}
    answers = await asyncio.gather(*(ana.post(PATH, json=body) for _ in range(27)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 26}
    assert (await ana.get(PATH)).json()["total"] == 1


async def test_the_day_is_the_persons(ana: Person) -> None:
    await ana.patch("/api/v1/users/me", json={"timezone": "America/Los_Angeles"})
    made = await ana.post(PATH, json={"kind": "height", "value": 1.8, "measured_at": "2025-06-02T05:00:00Z"})
    assert made.json()["local_date"] == "2025-06-01"
    await ana.patch("/api/v1/users/me", json={"timezone": "UTC"})
    assert (await ana.get(PATH)).json()["items"][0]["local_date"] == "2025-06-01"


async def test_they_can_be_charted(ana: Person) -> None:
    for day in range(1, 6):
        at = f"2025-06-0{day}T07:00:00Z"
        await ana.post(PATH, json={"kind": "body_weight", "value": 70 + day, "measured_at": at})
        await ana.post(PATH, json={"kind": "body_fat", "value": 0.2, "measured_at": at})
    query = {"kind": "body_weight", "from": "2025-06-02", "to": "2025-06-04", "sort": "measured_at"}
    page = (await ana.get(PATH, params=query)).json()
    assert [item["value"] for item in page["items"]] == [72, 73, 74]


async def test_deleting(ana: Person, bo: Person) -> None:
    made = (await ana.post(PATH, json={"kind": "body_weight", "value": 70})).json()
    assert_problem(await bo.delete(f"{PATH}/{made['id']}"), 404, "not_found")
    assert (await ana.delete(f"{PATH}/{made['id']}")).status_code == 204
    assert_problem(await ana.delete(f"{PATH}/{made['id']}"), 404, "not_found")
    assert_problem(await ana.delete(f"{PATH}/{uuid4()}"), 404, "not_found")


WRONG: list[dict[str, Any]] = [
    {"kind": "body_weight", "value": 5},
    {"kind": "body_weight", "value": 501},
    {"kind": "height", "value": 180},
    {"kind": "body_fat", "value": 20},
    {"kind": "mood", "value": 1},
    {"kind": "waist"},
    {"value": 70},
    {"kind": "waist", "value": "0.8"},
    {"kind": "waist", "value": 0.8, "measured_at": "2999-01-01T00:00:00Z"},
    {"kind": "waist", "value": 0.8, "measured_at": "2025-06-02T07:00:00"},
    {"kind": "waist", "value": 0.8, "measured_at": "1969-12-31T23:59:59Z"},
]


async def test_what_is_wrong_is_refused(ana: Person) -> None:
    with each_case() as case:
        for wrong in WRONG:
            with case(wrong):
                assert_problem(await ana.post(PATH, json=wrong), 422, "validation_failed")
                assert (await ana.get(PATH)).json()["total"] == 0
