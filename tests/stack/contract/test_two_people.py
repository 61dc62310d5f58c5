"""Every operation of the contract as a stranger: without a token, and with the token of somebody else."""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from dev.stack import Stack
from tests.stack.database.rows import CHANGES, rows_of
from tests.support.api import Api
from tests.support.cases import each_case
from tests.support.foods import FOOD, make_food
from tests.support.meals import make_meal_plan
from tests.support.people import Person, assert_problem, client_with
from tests.support.plans import make_plan
from tests.support.proposals import propose
from tests.support.workouts import log, squat
from tools.openapi.document import build

OPERATIONS: dict[str, tuple[str, str, bool]] = {
    operation["operationId"]: (method, path, operation.get("security") == [])
    for path, methods in build()["paths"].items()
    for method, operation in methods.items()
}
PUBLIC = {"getWelcome", "getHealth", "getReadiness", "getPublicAuth"}
# What reaches only the caller's own things, because no path names anything of anyone.
OWN = {"getMe", "getProfile", "updateProfile", "deleteAccount", "listPlans", "createPlan", "generatePlan"}
OWN |= {"listExercises", "createExercise", "logWorkout", "listWorkouts", "getNextWorkout", "importWorkouts"}
OWN |= {"getSummary", "listRecords", "getVolume", "getCalendar", "getAffinity", "listAffinityEvents"}
OWN |= {"listFoods", "createFood"}
OWN |= {"listMemories", "addMemory", "forgetAllMemories"}
OWN |= {"listMealPlans", "createMealPlan", "generateMealPlan", "getNutritionTargets"}
OWN |= {"getChat", "sendMessage", "streamMessage", "listMessages", "deleteMessages"}
OWN |= {"getUsage", "listMeasurements", "recordMeasurement", "listJobs", "exportAccount", "importAccount"}
CUSTOM = {"name": "Suitcase Squat", "kind": "weight_reps", "primary_muscles": ["quadriceps"]}
WORKOUT = {
    "started_at": "2026-01-05T10:00:00Z",
    "timezone": "UTC",
    "exercises": [{"exercise_id": "{library}", "sets": [{"reps": 5, "weight": {"value": 60, "unit": "kg"}}]}],
}
STRONG = (
    "Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE\n"
    "2026-01-05 10:00:00,Push,1h,Bench Press (Barbell),1,100,5,0,0,,,\n"
)
# A sound body for each operation whose path names one thing: whose it is must be all that is wrong.
NAMED: dict[str, Any] = {
    "getExercise": None,
    "replaceExercise": CUSTOM,
    "deleteExercise": None,
    "setExercisePreference": {"kind": "favourite"},
    "deleteExercisePreference": None,
    "getFood": None,
    "replaceFood": FOOD,
    "deleteFood": None,
    "getPlan": None,
    "replacePlan": {"name": "x"},
    "deletePlan": None,
    "activatePlan": None,
    "listPlanVersions": None,
    "restorePlanVersion": None,
    "getMealPlan": None,
    "replaceMealPlan": {"name": "x"},
    "deleteMealPlan": None,
    "activateMealPlan": None,
    "listMealPlanVersions": None,
    "restoreMealPlanVersion": None,
    "swapMealFood": {"day": 0, "meal": 0, "item": 0, "food_id": str(UUID(int=0))},
    "adaptMealPlan": {"kind": "swap_meal", "day": 0, "meal": 0},
    "getGroceryList": None,
    "listMealPlanProposals": None,
    "getMealPlanProposal": None,
    "acceptMealPlanProposal": None,
    "rejectMealPlanProposal": {"reason": None},
    "undoMealPlanProposal": None,
    "adaptPlan": {},
    "listPlanProposals": None,
    "getPlanProposal": None,
    "acceptPlanProposal": None,
    "rejectPlanProposal": {"reason": "No"},
    "undoPlanProposal": None,
    "getWorkout": None,
    "replaceWorkout": WORKOUT,
    "deleteWorkout": None,
    "getExerciseHistory": None,
    "deleteMeasurement": None,
    "listEvidence": None,
    "getMemory": None,
    "updateMemory": {"content": "x"},
    "forgetMemory": None,
    "applyMemory": None,
    "declineMemory": None,
    "getJob": None,
    "cancelJob": None,
    "streamJob": None,
}
NAMES = (
    *("plan_id", "exercise_id", "food_id", "workout_id", "measurement_id", "memory_id", "job_id", "message_id"),
    *("meal_plan_id", "proposal_id"),
)


def test_every_operation_has_a_case() -> None:
    assert PUBLIC | OWN | NAMED.keys() == OPERATIONS.keys()
    assert {name for name, (_, _, public) in OPERATIONS.items() if public} == PUBLIC


def nobodys() -> dict[str, str]:
    """Path parameters that name nothing."""
    return {name: str(uuid4()) for name in NAMES} | {"version": "1"}


async def test_without_a_token(anonymous: Person) -> None:
    with each_case() as case:
        for name, (method, path, public) in OPERATIONS.items():
            with case(name):
                response = await anonymous.request(method, path.format(**nobodys()))
                if public:
                    assert response.status_code == 200
                else:
                    assert_problem(response, 401, "unauthenticated")


@pytest.fixture
async def bos(bo: Person, stack: Stack) -> dict[str, str]:
    """What Bo has, by the name of its path parameter."""
    plan = await make_plan(bo)
    meals = await make_meal_plan(bo, stack)
    exercise = await bo.post("/api/v1/exercises", json=CUSTOM)
    await bo.put(f"{exercise.headers['location']}/preference", json={"kind": "favourite"})
    weight = {"kind": "body_weight", "value": 70.5, "measured_at": "2026-01-05T07:00:00Z"}
    measurement = await bo.post("/api/v1/measurements", json=weight)
    memory = await bo.post("/api/v1/memories", json={"kind": "fact", "content": "I live in Oslo"})
    reply = await bo.post("/api/v1/chat", json={"client_id": str(uuid4()), "message": "Hello"})
    job = await bo.post("/api/v1/workouts/import", content=STRONG.encode(), headers={"Content-Type": "text/csv"})
    return {
        "plan_id": plan["id"],
        "meal_plan_id": meals["id"],
        "meal_proposal_id": await propose(meals["id"], stack),
        "plan_proposal_id": await propose(plan["id"], stack),
        "exercise_id": exercise.json()["id"],
        "food_id": (await make_food(bo))["id"],
        "version": "1",
        "workout_id": (await log(bo, exercise.json()["id"]))["workout"]["id"],
        "measurement_id": measurement.json()["id"],
        "memory_id": memory.json()["id"],
        "job_id": job.json()["id"],
        "message_id": reply.json()["message"]["id"],
    }


async def everything_of(person: Person, named: dict[str, str]) -> list[Any]:
    paths = [f"/api/v1/{kind}s/{named[f'{kind}_id']}" for kind in ("plan", "exercise", "food", "workout", "job")]
    paths += ["/api/v1/memories", "/api/v1/measurements", "/api/v1/affinity/events", "/api/v1/users/me"]
    meals = f"/api/v1/meal-plans/{named['meal_plan_id']}"
    paths += [meals, f"{meals}/proposals/{named['meal_proposal_id']}"]
    paths += [f"/api/v1/plans/{named['plan_id']}/proposals/{named['plan_proposal_id']}"]
    return [(await person.get(path)).json() for path in paths]


def body_for(name: str, library: str) -> Any:
    """A sound body for an operation, with an exercise that everyone can use."""
    return json.loads(json.dumps(NAMED[name]).replace("{library}", library))


async def test_somebody_elses_is_as_if_it_were_not_there(
    ana: Person, bo: Person, bos: dict[str, str], stack: Stack
) -> None:
    before, rows = await everything_of(bo, bos), await rows_of(stack, bo.id, *CHANGES)
    library = await squat(ana)
    with each_case() as case:
        for name in NAMED:
            with case(name):
                method, path, _ = OPERATIONS[name]
                body = body_for(name, library)
                proposal = bos["meal_proposal_id" if "Meal" in name else "plan_proposal_id"]
                theirs = await ana.request(method, path.format(**bos, proposal_id=proposal), json=body)
                missing = await ana.request(method, path.format(**nobodys()), json=body)
                problem = assert_problem(theirs, 404, "not_found")
                assert problem["detail"] == assert_problem(missing, 404, "not_found")["detail"]
                assert await rows_of(stack, bo.id, *CHANGES) == rows
    assert await everything_of(bo, bos) == before


async def test_what_is_no_id_is_named(ana: Person) -> None:
    library = await squat(ana)
    wrong = dict.fromkeys(NAMES, "x") | {"version": "1"}
    with each_case() as case:
        for name in NAMED:
            with case(name):
                method, path, _ = OPERATIONS[name]
                response = await ana.request(method, path.format(**wrong), json=body_for(name, library))
                problem = assert_problem(response, 422, "validation_failed")
                assert problem["errors"][0]["loc"][0] == "path"


async def test_lists_show_only_ones_own(ana: Person, bos: dict[str, str]) -> None:
    for path in (
        "plans",
        "meal-plans",
        "chat/messages",
        "workouts",
        "measurements",
        "memories",
        "jobs",
        "affinity/events",
        "stats/records",
    ):
        assert (await ana.get(f"/api/v1/{path}")).json()["total"] == 0, path
    assert (await ana.get("/api/v1/affinity")).json()["score"] == 0
    assert (await ana.get("/api/v1/stats/summary")).json()["workouts"] == 0
    for path, key in (("stats/volume", "weeks"), ("stats/calendar", "days")):
        days = (await ana.get(f"/api/v1/{path}")).json()[key]
        assert not [day for day in days if any(day[name] for name in ("sets", "workouts") if name in day)], path
    assert bos["exercise_id"] not in (await ana.get("/api/v1/users/me/export")).text
    found = await ana.get("/api/v1/exercises", params={"q": "suitcase squat", "per_page": 100})
    assert bos["exercise_id"] not in {item["id"] for item in found.json()["items"]}


async def test_an_anonymous_sign_in_owns_what_it_makes(api: Api, stack: Stack) -> None:
    async with httpx.AsyncClient() as auth:
        session = await auth.post(
            f"{stack.supabase_url}/auth/v1/signup", headers={"apikey": stack.publishable_key}, json={}
        )
    guest = client_with(api, session.json()["access_token"])
    assert (await guest.get("/api/v1/auth/me")).json()["is_anonymous"] is True
    plan = await make_plan(guest)
    assert (await guest.post(f"/api/v1/plans/{plan['id']}/activate")).status_code == 200
    await guest.aclose()


async def test_a_deleted_account_takes_everything_along(
    newcomer: Callable[[], Awaitable[Person]], stack: Stack
) -> None:
    person = await newcomer()
    await make_plan(person)
    for _ in range(2):
        assert (await person.delete("/api/v1/users/me")).status_code == 204
    assert_problem(await person.get("/api/v1/users/me"), 401, "unauthenticated")
    assert_problem(await person.post("/api/v1/plans", json={"name": "x"}), 401, "unauthenticated")
    assert_problem(await person.get("/api/v1/plans"), 401, "unauthenticated")
