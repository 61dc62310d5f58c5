"""Tools about the sessions of the plan: what is next, what a day has, what fits the time, the next deload."""

from datetime import timedelta
from typing import Any

import pytest

from src.chat.tools.toolbox import Toolbox
from src.language.language import Language
from tests.support.api import Api
from tests.support.people import Person
from tests.support.plans import content_with, exercise_id, make_plan
from tests.support.tools import ask, ask_in_each_language, open_toolbox
from tests.support.workouts import lifted, log

GENERATE = [{"kind": "generate_plan", "body": None}]


async def follow(person: Person, content: dict[str, Any] | None = None) -> str:
    """Makes a plan, of bench presses on Mondays unless `content` says otherwise, and activates it."""
    bench_press = content_with(await exercise_id(person, "Bench Press"))
    plan = await make_plan(person, content=content or bench_press)
    response = await person.post(f"/api/v1/plans/{plan['id']}/activate")
    assert response.status_code == 200, response.text
    return str(plan["id"])


async def train(person: Person, plan: str, *sets: dict[str, Any]) -> None:
    await log(person, await exercise_id(person, "Bench Press"), *sets, plan_id=plan, plan_day=0)


async def two_days(person: Person, first: int | None, second: int | None) -> dict[str, Any]:
    """A plan of bench presses and squats on these weekdays."""
    push = content_with(await exercise_id(person, "Bench Press"))["days"][0]
    legs = content_with(await exercise_id(person, "Back Squat"))["days"][0]
    return {"days": [{**push, "weekday": first}, {**legs, "name": "Legs", "weekday": second}], "deload_weeks": []}


def weekday_after(toolbox: Toolbox, days: int) -> int:
    return (toolbox.today + timedelta(days=days)).isoweekday()


class TestNextSession:
    async def test_targets_follow_from_what_was_lifted(self, api: Api, ana: Person) -> None:
        plan = await follow(ana)
        await train(ana, plan, lifted(10, 100))
        asked = await ask(await open_toolbox(api, ana), "next_session")
        assert "Bench Press: 1 x 6 at 102.5 kg" in asked.text
        assert "1 x 6 at 102.5 kg" in asked.values
        assert asked.actions == [{"kind": "start_workout", "plan_id": plan, "plan_day": 0}]
        assert {(receipt.kind.value, str(receipt.id)) for receipt in asked.answer.receipts} == {("plan", plan)}

    async def test_it_is_said_in_each_language_and_the_persons_units(self, api: Api, ana: Person) -> None:
        assert (await ana.patch("/api/v1/users/me", json={"weight_unit": "lb"})).status_code == 200
        plan = await follow(ana)
        await train(ana, plan, lifted(8, 100))
        said = await ask_in_each_language(await open_toolbox(api, ana), "next_session")
        assert "1 x 9 at 220.46 lb" in said[Language.EN].text
        assert "1 x 9 mit 220,46 lb" in said[Language.DE].text
        assert "1 x 9 con 220,46 lb" in said[Language.ES].text
        assert "1 x 9 på 220,46 lb" in said[Language.NB].text

    async def test_no_load_is_invented(self, api: Api, ana: Person) -> None:
        await follow(ana)
        asked = await ask(await open_toolbox(api, ana), "next_session")
        assert "Bench Press: 1 x 6, with a load you choose" in asked.text

    async def test_without_a_plan_it_offers_one(self, api: Api, ana: Person) -> None:
        for asked in (await ask_in_each_language(await open_toolbox(api, ana), "next_session")).values():
            assert asked.data["session"] is None
            assert asked.answer.receipts == ()
            assert asked.actions == GENERATE

    async def test_nobody_sees_the_plan_of_another(self, api: Api, ana: Person, bo: Person) -> None:
        await follow(bo)
        assert (await ask(await open_toolbox(api, ana), "next_session")).data["session"] is None

    async def test_a_day_has_the_session_of_its_weekday(self, api: Api, ana: Person) -> None:
        today = await open_toolbox(api, ana)
        await follow(ana, await two_days(ana, weekday_after(today, 1), weekday_after(today, 2)))
        asked = await ask(await open_toolbox(api, ana), "next_session", on=str(today.today + timedelta(days=2)))
        assert asked.data["when"] == "on_day"
        assert asked.data["session"]["name"] == "Legs"
        assert asked.actions[0]["plan_day"] == 1

    async def test_a_day_without_a_session_is_one_of_rest(self, api: Api, ana: Person) -> None:
        today = await open_toolbox(api, ana)
        await follow(ana, await two_days(ana, weekday_after(today, 1), weekday_after(today, 2)))
        toolbox = await open_toolbox(api, ana)
        for days, when in ((0, "rest_today"), (3, "rest_on_day")):
            for asked in (
                await ask_in_each_language(toolbox, "next_session", on=str(today.today + timedelta(days=days)))
            ).values():
                assert asked.data["when"] == when
                assert asked.data["session"]["name"] == "Push"

    async def test_a_plan_without_weekdays_says_so(self, api: Api, ana: Person) -> None:
        await follow(ana, await two_days(ana, None, None))
        toolbox = await open_toolbox(api, ana)
        asked = await ask(toolbox, "next_session", on=str(toolbox.today + timedelta(days=2)))
        assert "no fixed weekdays" in asked.text

    async def test_who_has_trained_today_hears_it(self, api: Api, ana: Person) -> None:
        plan = await follow(ana)
        await train(ana, plan, lifted(8, 100))
        asked = await ask(await open_toolbox(api, ana), "next_session")
        assert asked.text.startswith("You have already trained today.") == asked.data["trained_today"]


class TestShortSession:
    @pytest.fixture
    async def toolbox(self, api: Api, ana: Person) -> Toolbox:
        day = content_with(await exercise_id(ana, "Bench Press"))["days"][0]
        planned = day["exercises"][0]
        sets = planned["sets"] * 4
        names = ("Lateral Raise", "Bench Press", "Overhead Press", "Triceps Pushdown")
        exercises = [{**planned, "exercise_id": await exercise_id(ana, name), "sets": sets} for name in names]
        await follow(ana, {"days": [{**day, "exercises": exercises}], "deload_weeks": []})
        return await open_toolbox(api, ana)

    async def test_the_main_work_comes_first(self, toolbox: Toolbox) -> None:
        for asked in (await ask_in_each_language(toolbox, "short_session", minutes=20)).values():
            kept = [exercise["name"] for exercise in asked.data["session"]["exercises"]]
            assert kept == ["Bench Press", "Overhead Press"]
            assert asked.data["left_out"] == ["Lateral Raise", "Triceps Pushdown"]
            assert asked.data["takes_minutes"] <= 20
            assert asked.actions[0]["kind"] == "start_workout"

    async def test_a_session_that_fits_stays_whole(self, toolbox: Toolbox) -> None:
        asked = await ask(toolbox, "short_session", minutes=90)
        assert (asked.data["left_out"], asked.data["fewer_sets"]) == ([], [])
        assert len(asked.data["session"]["exercises"]) == 4

    async def test_too_little_time_is_said(self, toolbox: Toolbox) -> None:
        asked = await ask(toolbox, "short_session", minutes=5)
        assert asked.data["takes_minutes"] > 5
        assert "5 minutes are very little" in asked.text

    async def test_without_a_plan_it_offers_one(self, api: Api, bo: Person) -> None:
        assert (await ask(await open_toolbox(api, bo), "short_session", minutes=20)).actions == GENERATE


class TestWhatHurts:
    @pytest.fixture
    async def toolbox(self, api: Api, ana: Person) -> Toolbox:
        await follow(ana, await two_days(ana, None, None))
        plan = await two_days(ana, None, None)
        both = [day["exercises"][0] for day in plan["days"]]
        await follow(ana, {"days": [{**plan["days"][0], "exercises": both}], "deload_weeks": []})
        assert (await ana.patch("/api/v1/users/me", json={"injuries": ["knee"]})).status_code == 200
        return await open_toolbox(api, ana)

    async def test_the_next_session_spares_it(self, toolbox: Toolbox) -> None:
        for asked in (await ask_in_each_language(toolbox, "next_session")).values():
            exercises = asked.data["session"]["exercises"]
            assert "Bench Press" in [exercise["name"] for exercise in exercises]
            assert "Back Squat" not in [exercise["name"] for exercise in exercises]
            stand_ins = [exercise["instead_of"] for exercise in exercises if exercise["instead_of"]]
            assert [*stand_ins, *asked.data["session"]["left_out"]] == ["Back Squat"]
            assert "Back Squat" in asked.text

    async def test_so_does_a_short_one(self, toolbox: Toolbox) -> None:
        for asked in (await ask_in_each_language(toolbox, "short_session", minutes=60)).values():
            assert "Back Squat" not in [exercise["name"] for exercise in asked.data["session"]["exercises"]]

    @pytest.mark.usefixtures("toolbox")
    async def test_what_is_not_wanted_any_more_is_not_planned(self, api: Api, ana: Person) -> None:
        squat = await exercise_id(ana, "Back Squat")
        assert (await ana.patch("/api/v1/users/me", json={"injuries": []})).status_code == 200
        excluded = await ana.put(f"/api/v1/exercises/{squat}/preference", json={"kind": "excluded"})
        assert excluded.status_code == 200, excluded.text
        asked = await ask(await open_toolbox(api, ana), "next_session")
        assert "Back Squat" not in [exercise["name"] for exercise in asked.data["session"]["exercises"]]


class TestNextDeload:
    async def test_the_week_and_its_date(self, api: Api, ana: Person) -> None:
        plan = await follow(ana)
        await train(ana, plan, lifted(8, 100))
        toolbox = await open_toolbox(api, ana)
        first = min(session.date for session in toolbox.state.sessions)
        for asked in (await ask_in_each_language(toolbox, "next_deload")).values():
            starts = str(first + timedelta(days=21))
            assert asked.data["next"] == {
                "week": 4, "first_on": starts, "last_on": str(first + timedelta(days=27)),
            }  # fmt: skip
            assert "4" in asked.values

    async def test_before_the_first_workout_there_is_no_date(self, api: Api, ana: Person) -> None:
        await follow(ana)
        for asked in (await ask_in_each_language(await open_toolbox(api, ana), "next_deload")).values():
            assert asked.data["next"] == {"week": 4, "first_on": None, "last_on": None}

    async def test_in_a_deload_its_end_is_said(self, api: Api, ana: Person) -> None:
        content = await two_days(ana, None, None)
        plan = await follow(ana, {**content, "deload_weeks": [1, 5]})
        await train(ana, plan, lifted(8, 100))
        for asked in (await ask_in_each_language(await open_toolbox(api, ana), "next_deload")).values():
            assert (asked.data["now"]["week"], asked.data["next"]["week"]) == (1, 5)

    async def test_where_none_is_planned_adapting_is_offered(self, api: Api, ana: Person) -> None:
        plan = await follow(ana, await two_days(ana, None, None))
        asked = await ask(await open_toolbox(api, ana), "next_deload")
        assert "no deload planned" in asked.text
        assert asked.actions == [{"kind": "adapt_plan", "plan_id": plan, "body": None}]

    async def test_without_a_plan_one_is_offered(self, api: Api, ana: Person) -> None:
        assert (await ask(await open_toolbox(api, ana), "next_deload")).actions == GENERATE
