"""An Idempotency-Key stands for what the request created, as it is when it is asked for again."""

from typing import Any
from uuid import uuid4

import pytest

from tests.support.foods import FOOD
from tests.support.people import Person, assert_problem

CUSTOM = {"name": "Suitcase Squat", "kind": "weight_reps", "primary_muscles": ["quadriceps"]}
RESOURCES: dict[str, dict[str, Any]] = {
    "plans": {"name": "Strength"},
    "meal-plans": {"name": "Lean"},
    "exercises": CUSTOM,
    "foods": FOOD,
}


@pytest.mark.parametrize("resource", RESOURCES)
async def test_a_repeated_request_is_answered_with_what_it_created(resource: str, ana: Person) -> None:
    path, body, key = f"/api/v1/{resource}", RESOURCES[resource], {"Idempotency-Key": str(uuid4())}
    first = await ana.post(path, json=body, headers=key)
    assert first.status_code == 201, first.text
    own = first.headers["location"]

    again = await ana.post(path, json=body, headers=key)
    assert (again.status_code, again.json(), again.headers["location"]) == (200, first.json(), own)

    changed = await ana.put(own, json=body | {"name": "Changed"})
    assert changed.status_code == 200, changed.text
    again = await ana.post(path, json=body, headers=key)
    assert (again.status_code, again.json()) == (200, changed.json())
    if "etag" in first.headers:
        assert again.headers["etag"] == changed.headers["etag"]

    assert_problem(await ana.post(path, json=body | {"name": "Other"}, headers=key), 409, "conflict")
    assert (await ana.delete(own)).status_code == 204
    problem = assert_problem(await ana.post(path, json=body, headers=key), 404, "not_found")
    assert problem["detail"] == "What this Idempotency-Key created has been deleted since."
    assert (await ana.post(path, json=body, headers={"Idempotency-Key": str(uuid4())})).status_code == 201
