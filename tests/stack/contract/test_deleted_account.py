"""Every route with the token of an account that is gone: 401, with one sentence."""

from typing import Any
from uuid import uuid4

from tests.stack.contract.test_two_people import NAMED, OPERATIONS, OWN, STRONG, WORKOUT, nobodys
from tests.support.cases import each_case
from tests.support.foods import FOOD
from tests.support.people import Person, assert_problem

CUSTOM = {"name": "x", "kind": "reps", "primary_muscles": ["abs"]}
TRAINED = [
    {
        "exercise_id": str(uuid4()),
        "sets": [{"set_type": "working", "reps": 5, "weight": {"value": 60, "unit": "kg"}}],
    }
]
BODIES: dict[str, Any] = NAMED | {
    "updateProfile": {"name": "x"},
    "createPlan": {"name": "x"},
    "createMealPlan": {"name": "x"},
    "generatePlan": {},
    "generateMealPlan": {},
    "createExercise": CUSTOM,
    "createFood": FOOD,
    "addMemory": {"kind": "fact", "content": "x"},
    "sendMessage": {"client_id": str(uuid4()), "message": "x"},
    "streamMessage": {"client_id": str(uuid4()), "message": "x"},
    "recordMeasurement": {"kind": "body_weight", "value": 80},
    "logWorkout": {**WORKOUT, "client_id": str(uuid4()), "exercises": TRAINED},
    "replaceWorkout": {**WORKOUT, "exercises": TRAINED},
}


async def test_every_route_is_401(ana: Person) -> None:
    library = (await ana.get("/api/v1/exercises", params={"per_page": 1})).json()["items"][0]["id"]
    assert (await ana.delete("/api/v1/users/me")).status_code == 204
    with each_case() as case:
        for name in sorted((OWN | NAMED.keys()) - {"deleteAccount"}):
            method, path, _ = OPERATIONS[name]
            more: dict[str, Any] = {"json": BODIES[name]} if BODIES.get(name) is not None else {}
            if name == "importWorkouts":
                more = {"content": STRONG.encode(), "headers": {"Content-Type": "text/csv"}}
            if name == "importAccount":
                more = {"content": b'{"format": "slow-burn"}', "headers": {"Content-Type": "application/json"}}
            names = nobodys() | ({"exercise_id": library} if method == "get" else {})
            with case(name):
                answer = await ana.request(method, path.format(**names), **more)
                assert assert_problem(answer, 401, "unauthenticated")["detail"] == "This account no longer exists."
