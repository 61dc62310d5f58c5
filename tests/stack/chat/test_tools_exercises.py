"""Tools about an exercise: progress, records, the last time, how it is done, and what can be done instead."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from src.language.language import Language
from tests.support.api import Api
from tests.support.people import Person
from tests.support.plans import content_with, exercise_id, make_plan
from tests.support.tools import ask, ask_in_each_language, open_toolbox
from tests.support.workouts import lb, lifted, log

NEEDS_AN_EXERCISE = ("exercise_progress", "exercise_records", "last_time", "how_to", "substitutes")
LOG = [{"kind": "log_workout", "body": None}]


async def done(person: Person, exercise: str, days_ago: int, *sets: dict[str, Any]) -> str:
    """Logs an exercise; the date, in UTC as the workout has it."""
    at = datetime.now(UTC) - timedelta(days=days_ago, hours=2)
    await log(person, await exercise_id(person, exercise), *sets, at=at)
    return str(at.date())


async def equip(person: Person, *equipment: str, **profile: Any) -> None:
    changes = {"equipment": list(equipment), "experience_level": "intermediate", **profile}
    response = await person.patch("/api/v1/users/me", json=changes)
    assert response.status_code == 200, response.text


class TestName:
    @pytest.mark.parametrize(
        ("language", "name", "exercise"),
        [
            (Language.EN, "bench", "Bench Press"),
            (Language.EN, "pull ups", "Pull-Up"),
            (Language.EN, "RDL", "Romanian Deadlift"),
            (Language.EN, "squat", "Back Squat"),
            (Language.EN, "rows", "Barbell Row"),
            (Language.DE, "Bankdrücken", "Bench Press"),
            (Language.DE, "rumänisches Kreuzheben", "Romanian Deadlift"),
            (Language.DE, "Klimmzüge", "Pull-Up"),
            (Language.DE, "Hip Thrust", "Hip Thrust"),
            (Language.ES, "sentadilla", "Back Squat"),
            (Language.ES, "press de banca", "Bench Press"),
            (Language.ES, "Peso muerto", "Deadlift"),
            (Language.NB, "knebøy", "Back Squat"),
            (Language.NB, "markløft", "Deadlift"),
            (Language.NB, "Bankdrücken", "Bench Press"),
            (Language.EN, "sentadillas", "Back Squat"),
            (Language.ES, "Neck Flexion", "Neck Flexion"),
        ],
    )
    async def test_an_exercise_is_known_by_what_people_call_it(
        self, api: Api, ana: Person, language: Language, name: str, exercise: str
    ) -> None:
        asked = await ask(await open_toolbox(api, ana, language), "how_to", exercise=name)
        assert asked.data["exercise"] == exercise

    @pytest.mark.parametrize("tool", NEEDS_AN_EXERCISE)
    async def test_what_nobody_knows_is_said(self, api: Api, ana: Person, tool: str) -> None:
        for asked in (
            await ask_in_each_language(await open_toolbox(api, ana), tool, exercise="Quidditch {0}")
        ).values():
            assert "Quidditch {0}" in asked.text
            assert (asked.answer.receipts, asked.actions) == ((), [])

    async def test_of_many_the_one_that_is_trained_is_meant(self, api: Api, ana: Person) -> None:
        await done(ana, "Seated Cable Row", 3, lifted(10, 60))
        asked = await ask(await open_toolbox(api, ana), "last_time", exercise="row")
        assert asked.data["exercise"] == "Seated Cable Row"

    async def test_ones_own_exercise_is_known_and_anothers_is_not(self, api: Api, ana: Person, bo: Person) -> None:
        own = {"name": "Zercher Yoke Stroll", "kind": "weight_reps", "primary_muscles": ["quadriceps"]}
        assert (await ana.post("/api/v1/exercises", json=own)).status_code == 201
        mine = await ask(await open_toolbox(api, ana), "how_to", exercise="zercher yoke stroll")
        assert "without instructions" in mine.text
        theirs = await ask(await open_toolbox(api, bo), "how_to", exercise="zercher yoke stroll")
        assert theirs.data["exercise"] is None


class TestExerciseProgress:
    async def test_then_and_now(self, api: Api, ana: Person) -> None:
        then = await done(ana, "Bench Press", 30, lifted(5, 90))
        await done(ana, "Bench Press", 20, lifted(5, 110))
        now = await done(ana, "Bench Press", 2, lifted(5, 100))
        for asked in (
            await ask_in_each_language(await open_toolbox(api, ana), "exercise_progress", exercise="bench")
        ).values():
            assert (asked.data["then"]["on"], asked.data["now"]["on"]) == (then, now)
            assert {receipt.kind.value for receipt in asked.answer.receipts} == {"workout", "exercise"}
        english = await ask(await open_toolbox(api, ana), "exercise_progress", exercise="bench")
        assert {"105 kg", "116.7 kg", "11.7 kg", "128.3 kg"} <= english.values
        assert "That is 11.7 kg more. Your best so far: 128.3 kg" in english.text

    async def test_in_pounds_the_difference_is_that_of_what_is_shown(self, api: Api, ana: Person) -> None:
        await equip(ana, "barbell", weight_unit="lb")
        await done(ana, "Bench Press", 30, {"reps": 5, "weight": lb(200)})
        await done(ana, "Bench Press", 2, {"reps": 5, "weight": lb(210)})
        asked = await ask(await open_toolbox(api, ana), "exercise_progress", exercise="bench")
        assert asked.values >= {"233.3 lb", "245 lb", "11.7 lb"}

    @pytest.mark.parametrize(
        ("exercise", "before", "after", "said"),
        [
            ("Pull-Up", {"reps": 5}, {"reps": 8}, "3 reps more"),
            ("Plank", {"duration_seconds": 60}, {"duration_seconds": 45}, "15 s less"),
            ("Run", {"distance_m": 900}, {"distance_m": 5200}, "4.3 km more"),
            (
                "Assisted Pull-Up",
                {"reps": 8, "assist": {"value": 30, "unit": "kg"}},
                {"reps": 8, "assist": {"value": 20, "unit": "kg"}},
                "10 kg less help",
            ),
            ("Pull-Up", {"reps": 5}, {"reps": 5}, "the same as then"),
        ],
    )
    async def test_each_kind_is_measured_by_what_it_is_told_in(
        self, api: Api, ana: Person, exercise: str, before: dict[str, Any], after: dict[str, Any], said: str
    ) -> None:
        await done(ana, exercise, 20, before)
        await done(ana, exercise, 3, after)
        toolbox = await open_toolbox(api, ana)
        assert said in (await ask(toolbox, "exercise_progress", exercise=exercise)).text
        await ask_in_each_language(toolbox, "exercise_progress", exercise=exercise)

    async def test_one_session_is_no_progress_yet(self, api: Api, ana: Person) -> None:
        await done(ana, "Bench Press", 2, lifted(5, 100))
        for asked in (
            await ask_in_each_language(await open_toolbox(api, ana), "exercise_progress", exercise="bench")
        ).values():
            assert asked.data["then"] is None
            assert asked.data["difference"] is None

    async def test_what_was_never_done_and_what_another_did_is_not_there(
        self, api: Api, ana: Person, bo: Person
    ) -> None:
        await done(bo, "Bench Press", 2, lifted(5, 100))
        for asked in (
            await ask_in_each_language(await open_toolbox(api, ana), "exercise_progress", exercise="bench")
        ).values():
            assert (asked.data["sessions"], asked.data["now"]) == (0, None)
            assert (asked.answer.receipts, asked.actions) == ((), LOG)


class TestExerciseRecords:
    async def test_of_one_exercise(self, api: Api, ana: Person) -> None:
        await done(ana, "Bench Press", 9, lifted(12, 80), lifted(3, 110))
        on = await done(ana, "Bench Press", 2, lifted(5, 100))
        for asked in (
            await ask_in_each_language(await open_toolbox(api, ana), "exercise_records", exercise="bench")
        ).values():
            best = {record["best"]["measure"]: record for record in asked.data["records"]}
            assert best["heaviest"]["best"]["value"] == 110
            assert best["most_reps"]["best"]["value"] == 12
            assert best["most_reps"]["at_load"] == {"value": 80, "unit": "kg"}
            assert on not in {record["on"] for record in best.values()}
            assert {receipt.kind.value for receipt in asked.answer.receipts} == {"set"}

    async def test_the_newest_of_all(self, api: Api, ana: Person) -> None:
        await done(ana, "Bench Press", 9, lifted(5, 100))
        await done(ana, "Pull-Up", 2, {"reps": 9})
        for asked in (await ask_in_each_language(await open_toolbox(api, ana), "exercise_records")).values():
            assert asked.data["records"][0]["exercise"] == "Pull-Up"
            assert "Bench Press" in asked.text

    async def test_without_sets_there_are_none(self, api: Api, ana: Person, bo: Person) -> None:
        await done(bo, "Bench Press", 9, lifted(5, 100))
        toolbox = await open_toolbox(api, ana)
        for arguments in ({}, {"exercise": "bench"}):
            for asked in (await ask_in_each_language(toolbox, "exercise_records", **arguments)).values():
                assert (asked.data["records"], asked.actions) == ([], LOG)


class TestLastTime:
    async def test_the_sets_of_the_newest_session(self, api: Api, ana: Person) -> None:
        await done(ana, "Back Squat", 9, lifted(5, 150))
        on = await done(
            ana, "Back Squat", 4, lifted(3, 60, set_type="warmup"), lifted(5, 120), lifted(5, 120), lifted(4, 120)
        )
        for asked in (await ask_in_each_language(await open_toolbox(api, ana), "last_time", exercise="squat")).values():
            assert asked.data["session"]["on"] == on
            assert "5, 5, 4" in asked.text
        assert "5, 5, 4 at 120 kg" in (await ask(await open_toolbox(api, ana), "last_time", exercise="squat")).values

    async def test_what_was_never_done_and_what_another_did_is_not_there(
        self, api: Api, ana: Person, bo: Person
    ) -> None:
        await done(bo, "Back Squat", 4, lifted(5, 120))
        for asked in (await ask_in_each_language(await open_toolbox(api, ana), "last_time", exercise="squat")).values():
            assert (asked.data["session"], asked.actions) == (None, LOG)


class TestHowTo:
    async def test_instructions_muscles_and_equipment(self, api: Api, ana: Person) -> None:
        said = await ask_in_each_language(await open_toolbox(api, ana), "how_to", exercise="Romanian Deadlift")
        for asked in said.values():
            assert asked.data["instructions"] in asked.text
            assert [(receipt.kind.value, receipt.value) for receipt in asked.answer.receipts] == [
                ("exercise", "Romanian Deadlift")
            ]
        assert "hintere Oberschenkel" in said[Language.DE].text
        assert "isquiotibiales" in said[Language.ES].text

    async def test_a_hurt_joint_that_it_loads_is_named(self, api: Api, ana: Person) -> None:
        await equip(ana, "barbell", injuries=["shoulder"])
        said = await ask_in_each_language(await open_toolbox(api, ana), "how_to", exercise="Overhead Press")
        assert "Careful: it loads the shoulder" in said[Language.EN].text
        assert "belastet die Schulter" in said[Language.DE].text
        assert all(asked.data["loads_hurt"] == ["shoulder"] for asked in said.values())


class TestSubstitutes:
    async def test_they_need_only_what_the_person_has(self, api: Api, ana: Person) -> None:
        await equip(ana, "dumbbell")
        for asked in (
            await ask_in_each_language(await open_toolbox(api, ana), "substitutes", exercise="squat")
        ).values():
            assert asked.data["substitutes"]
            needed = {item for other in asked.data["substitutes"] for item in other["equipment"]}
            assert needed <= {"dumbbell", "bodyweight"}

    async def test_they_spare_what_hurts(self, api: Api, ana: Person) -> None:
        await equip(ana, "dumbbell", "bench", "cable", "barbell", "rack")
        toolbox = await open_toolbox(api, ana)
        for asked in (await ask_in_each_language(toolbox, "substitutes", exercise="ohp", hurts=["shoulder"])).values():
            names = [other["name"] for other in asked.data["substitutes"]]
            assert names
            for name in names:
                found = (await ana.get("/api/v1/exercises", params={"q": name})).json()["items"][0]
                assert "shoulder" not in found["contraindications"]

    async def test_what_is_in_the_plan_can_be_changed_there(self, api: Api, ana: Person) -> None:
        await equip(ana, "barbell", "dumbbell", "bench")
        plan = await make_plan(ana, content=content_with(await exercise_id(ana, "Bench Press")))
        assert (await ana.post(f"/api/v1/plans/{plan['id']}/activate")).status_code == 200
        asked = await ask(await open_toolbox(api, ana), "substitutes", exercise="bench", hurts=["elbow"])
        [action] = asked.actions
        assert action == {"kind": "adapt_plan", "plan_id": plan["id"], "body": {"pain": ["elbow"]}}
        accepted = await ana.post(f"/api/v1/plans/{plan['id']}/adapt", json=action["body"])
        assert accepted.status_code == 202, accepted.text

    async def test_what_was_told_to_hurt_is_spared_without_saying_it_again(self, api: Api, ana: Person) -> None:
        await equip(ana, "barbell", "rack", "dumbbell", injuries=["knee"])
        asked = await ask(await open_toolbox(api, ana), "substitutes", exercise="squat")
        for other in asked.data["substitutes"]:
            found = (await ana.get("/api/v1/exercises", params={"q": other["name"]})).json()["items"][0]
            assert "knee" not in found["contraindications"]

    async def test_where_nothing_is_left_that_is_said(self, api: Api, ana: Person) -> None:
        await equip(ana, "barbell")
        toolbox = await open_toolbox(api, ana)
        for asked in (
            await ask_in_each_language(toolbox, "substitutes", exercise="Neck Flexion", hurts=["neck"])
        ).values():
            assert (asked.data["substitutes"], asked.answer.receipts) == ([], ())
