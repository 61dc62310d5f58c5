"""Tools about sessions of the plan, on real data."""

from src.language.language import Language
from tests.support.api import Api
from tests.support.people import Person
from tests.support.plans import content_with, exercise_id, make_plan
from tests.support.tools import ask, ask_in_each_language, open_toolbox
from tests.support.workouts import lifted, log


async def activate(person: Person, plan: str) -> None:
    response = await person.post(f"/api/v1/plans/{plan}/activate")
    assert response.status_code == 200, response.text


async def follow(person: Person, **changes: object) -> str:
    """Makes a plan of boch presses, and activates it."""
    plan = await make_plan(person, content=content_with(await exercise_id(person, "Bench Press"), **changes))
    await activate(person, plan["id"])
    return str(plan["id"])


class TestNextSession:
    async def test_targets_follow_from_what_was_lifted(self, api: Api, ana: Person) -> None:
        plan = await follow(ana)
        await log(ana, await exercise_id(ana, "Bench Press"), lifted(10, 100), plan_id=plan, plan_day=0)
        asked = await ask(await open_toolbox(api, ana), "next_session")
        assert "Bench Press: 1 x 6 at 102.5 kg" in asked.text
        assert asked.values == {"1 x 6 at 102.5 kg"}
        assert asked.actions == [{"kind": "start_workout", "plan_id": plan, "plan_day": 0}]
        assert {(receipt.kind.value, str(receipt.id)) for receipt in asked.answer.receipts} == {("plan", plan)}

    async def test_it_is_said_in_each_language(self, api: Api, ana: Person) -> None:
        plan = await follow(ana)
        await log(ana, await exercise_id(ana, "Bench Press"), lifted(10, 100), plan_id=plan, plan_day=0)
        said = await ask_in_each_language(await open_toolbox(api, ana), "next_session")
        assert "1 x 6 mit 102,5 kg" in said[Language.DE].text
        assert "1 x 6 con 102,5 kg" in said[Language.ES].text
        assert "1 x 6 på 102,5 kg" in said[Language.NB].text

    async def test_without_a_plan_it_offers_one(self, api: Api, ana: Person) -> None:
        asked = await ask(await open_toolbox(api, ana), "next_session")
        assert asked.data["session"] is None
        assert asked.answer.receipts == ()
        assert asked.actions == [{"kind": "generate_plan", "body": None}]

    async def test_nobody_sees_the_plan_of_another(self, api: Api, ana: Person, bo: Person) -> None:
        await follow(bo)
        assert (await ask(await open_toolbox(api, ana), "next_session")).data["session"] is None
