"""Tools about training as a whole: days, calendar, numbers, sets per muscle, affinity, and what is proposed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dev.stack import Stack
from src.language.language import Language
from tests.support.api import Api
from tests.support.people import Person
from tests.support.plans import content_with, exercise_id, make_plan
from tests.support.proposals import propose
from tests.support.tools import ask, ask_in_each_language, open_toolbox
from tests.support.workouts import lifted, log

LOG = [{"kind": "log_workout", "body": None}]


async def train(person: Person, days_ago: int, *exercises: str, **more: Any) -> str:
    """Logs a session, an hour before noon in UTC, of three sets of each exercise; its date."""
    at = (datetime.now(UTC) - timedelta(days=days_ago)).replace(hour=0, minute=30)
    sets = [lifted(8, 100)] * 3
    entries = [{"exercise_id": await exercise_id(person, name), "sets": sets} for name in exercises]
    await log(person, "", at=at, **{"exercises": entries, "ended_at": at.isoformat(), **more})
    return str(at.date())


class TestTrainingLog:
    async def test_a_day_with_its_sets(self, api: Api, ana: Person) -> None:
        ended = (datetime.now(UTC) - timedelta(days=3)).replace(hour=1, minute=22)
        on = await train(ana, 3, "Bench Press", "Barbell Row", name="Upper", ended_at=ended.isoformat())
        said = await ask_in_each_language(await open_toolbox(api, ana), "training_log", first_day=on, last_day=on)
        for asked in said.values():
            assert [exercise["name"] for exercise in asked.data["sessions"][0]["exercises"]] == [
                "Bench Press",
                "Barbell Row",
            ]
            assert all(text in asked.text for text in ("Upper", "52 min", "Bench Press: 3 x 8"))
            assert {receipt.kind.value for receipt in asked.answer.receipts} == {"workout"}

    async def test_a_period_lists_its_sessions(self, api: Api, ana: Person) -> None:
        days = [await train(ana, days_ago, "Bench Press") for days_ago in (9, 5, 2)]
        said = await ask_in_each_language(
            await open_toolbox(api, ana), "training_log", first_day=days[1], last_day=days[2]
        )
        for asked in said.values():
            assert [session["on"] for session in asked.data["sessions"]] == [days[2], days[1]]

    async def test_more_than_a_reply_holds_is_said(self, api: Api, ana: Person) -> None:
        days = [await train(ana, days_ago, "Bench Press") for days_ago in range(9, 0, -1)]
        toolbox = await open_toolbox(api, ana)
        for asked in (
            await ask_in_each_language(toolbox, "training_log", first_day=days[0], last_day=days[-1])
        ).values():
            assert (len(asked.data["sessions"]), asked.data["is_cut"]) == (7, True)

    async def test_a_day_without_training_names_the_session_before(self, api: Api, ana: Person) -> None:
        before = await train(ana, 5, "Bench Press")
        toolbox = await open_toolbox(api, ana)
        empty = str(toolbox.today - timedelta(days=2))
        for asked in (await ask_in_each_language(toolbox, "training_log", first_day=empty, last_day=empty)).values():
            assert (asked.data["sessions"], asked.data["before"]["on"]) == ([], before)
            assert "Bench Press" in asked.text
            assert asked.actions == LOG

    async def test_what_is_to_come_is_not_called_missed(self, api: Api, ana: Person) -> None:
        toolbox = await open_toolbox(api, ana)
        day = str(toolbox.today + timedelta(days=2))
        asked = await ask(toolbox, "training_log", first_day=day, last_day=day)
        assert "still to come" in asked.text
        assert asked.actions == []

    async def test_nobody_sees_the_sessions_of_another(self, api: Api, ana: Person, bo: Person) -> None:
        on = await train(bo, 3, "Bench Press")
        asked = await ask(await open_toolbox(api, ana), "training_log", first_day=on, last_day=on)
        assert (asked.data["sessions"], asked.data["before"]) == ([], None)


class TestTrainingCalendar:
    async def test_days_and_sessions_of_a_period(self, api: Api, ana: Person) -> None:
        days = [await train(ana, days_ago, "Bench Press") for days_ago in (9, 5, 5)]
        toolbox = await open_toolbox(api, ana)
        said = await ask_in_each_language(toolbox, "training_calendar", first_day=days[0], last_day=str(toolbox.today))
        for asked in said.values():
            assert (asked.data["sessions"], asked.data["days"]) == (3, days[:2])
            assert {"2", "3"} <= asked.values

    async def test_a_month_is_called_by_its_name(self, api: Api, ana: Person) -> None:
        january = {"first_day": "2025-01-01", "last_day": "2025-01-31"}
        said = await ask_in_each_language(await open_toolbox(api, ana), "training_calendar", **january)
        assert said[Language.EN].text == "You have logged no training in January 2025."
        assert said[Language.DE].text == "Im Januar 2025 hast du kein Training eingetragen."
        assert said[Language.ES].text == "En enero de 2025 no has registrado ningún entrenamiento."
        assert said[Language.NB].text == "Du har ikke loggført noen trening i januar 2025."

    async def test_nobody_sees_the_days_of_another(self, api: Api, ana: Person, bo: Person) -> None:
        await train(bo, 0, "Bench Press")
        assert (await ask(await open_toolbox(api, ana), "training_calendar")).data["days"] == []


class TestTrainingSummary:
    async def test_totals_this_week_and_the_streak(self, api: Api, ana: Person) -> None:
        assert (await ana.patch("/api/v1/users/me", json={"days_per_week": 1})).status_code == 200
        for days_ago in (14, 7, 0):
            await train(ana, days_ago, "Bench Press")
        for asked in (await ask_in_each_language(await open_toolbox(api, ana), "training_summary")).values():
            assert (asked.data["sessions"], asked.data["sets"], asked.data["streak_weeks"]) == (3, 9, 3)
            assert asked.data["volume"] == {"value": 7200, "unit": "kg"}
            assert {"3", "9"} <= asked.values

    async def test_without_training_there_is_nothing_to_count(self, api: Api, ana: Person, bo: Person) -> None:
        await train(bo, 1, "Bench Press")
        for asked in (await ask_in_each_language(await open_toolbox(api, ana), "training_summary")).values():
            assert (asked.data["sessions"], asked.answer.receipts, asked.actions) == (0, (), LOG)


class TestMuscleVolume:
    async def test_on_average_over_whole_weeks(self, api: Api, ana: Person) -> None:
        for days_ago in (14, 7):
            await train(ana, days_ago, "Bench Press")
        toolbox = await open_toolbox(api, ana)
        for asked in (await ask_in_each_language(toolbox, "muscle_volume", muscle="chest")).values():
            [chest] = asked.data["muscles"]
            assert (asked.data["weeks"], chest["average"], chest["this_week"]) == (2, 3, 0)
        for asked in (await ask_in_each_language(toolbox, "muscle_volume")).values():
            assert asked.data["muscles"][0]["average"] == 3

    async def test_in_the_first_week_it_counts_so_far(self, api: Api, ana: Person) -> None:
        await train(ana, 0, "Bench Press")
        for asked in (await ask_in_each_language(await open_toolbox(api, ana), "muscle_volume")).values():
            assert asked.data["weeks"] == 0
            assert asked.data["muscles"][0]["this_week"] == 3

    @pytest.mark.parametrize("arguments", [{}, {"muscle": "chest"}])
    async def test_nothing_and_nothing_of_another(
        self, api: Api, ana: Person, bo: Person, arguments: dict[str, Any]
    ) -> None:
        await train(bo, 1, "Bench Press")
        for asked in (await ask_in_each_language(await open_toolbox(api, ana), "muscle_volume", **arguments)).values():
            assert (asked.data["muscles"], asked.answer.receipts) == ([], ())


class TestAffinity:
    async def test_score_level_and_reasons(self, api: Api, ana: Person, bo: Person) -> None:
        await train(bo, 1, "Bench Press")
        for days_ago in (3, 1):
            await train(ana, days_ago, "Bench Press")
        score = (await ana.get("/api/v1/affinity")).json()["score"]
        for asked in (await ask_in_each_language(await open_toolbox(api, ana), "affinity")).values():
            assert asked.data["score"] == score
            assert {reason["rule"]: reason["times"] for reason in asked.data["reasons"]}["workout_logged"] == 2
            assert {receipt.kind.value for receipt in asked.answer.receipts} == {"profile", "affinity"}

    async def test_at_the_beginning_it_says_how_it_grows(self, api: Api, ana: Person) -> None:
        for asked in (await ask_in_each_language(await open_toolbox(api, ana), "affinity")).values():
            assert (asked.data["score"], asked.data["level"], asked.data["reasons"]) == (0, "stranger", [])


class TestOpenProposal:
    async def follow(self, person: Person) -> dict[str, Any]:
        plan = await make_plan(person, content=content_with(await exercise_id(person, "Bench Press")))
        assert (await person.post(f"/api/v1/plans/{plan['id']}/activate")).status_code == 200
        return plan

    async def test_each_change_and_why(self, api: Api, ana: Person, stack: Stack) -> None:
        plan = await self.follow(ana)
        press, place = plan["content"]["days"][0]["exercises"][0], "/days/0/exercises/0"
        other = {**press, "exercise_id": await exercise_id(ana, "Push-Up")}
        changes = [
            _change("linear.increase", press, f"{place}/sets/*/weight_kg", [60, 60], [62.5, 65]),
            _change("loads.lifted", press, f"{place}/sets/*/weight_kg", [None], [70]),
            _change("volume.more", press, f"{place}/sets", press["sets"], press["sets"] * 2),
            _change("swap.pain", press, place, press, other),
            _change("remove.excluded", press, place, press, None),
        ]
        proposal = await propose(plan["id"], stack, changes=changes)
        said = await ask_in_each_language(await open_toolbox(api, ana), "open_proposal")
        for asked in said.values():
            accept = {"kind": "accept_proposal", "plan_id": plan["id"], "proposal_id": proposal}
            assert asked.actions == [accept]
            assert "Push-Up" in asked.text
        english = said[Language.EN].text
        assert "Bench Press: 60 kg becomes 62.5 kg to 65 kg, because you reached the target in every set" in english
        assert "now planned with 70 kg" in english
        assert "Bench Press: 2 sets instead of 1, because you have been on target for weeks" in english
        assert "taken out, because you do not want it any more" in english

    async def test_where_nothing_is_proposed_adapting_is_offered(
        self, api: Api, ana: Person, bo: Person, stack: Stack
    ) -> None:
        await propose((await self.follow(bo))["id"], stack)
        plan = await self.follow(ana)
        for asked in (await ask_in_each_language(await open_toolbox(api, ana), "open_proposal")).values():
            assert asked.data["changes"] == []
            assert asked.actions == [{"kind": "adapt_plan", "plan_id": plan["id"], "body": None}]

    async def test_without_a_plan_one_is_offered(self, api: Api, ana: Person) -> None:
        asked = await ask(await open_toolbox(api, ana), "open_proposal")
        assert (asked.data["plan"], asked.actions) == (None, [{"kind": "generate_plan", "body": None}])


def _change(rule: str, exercise: dict[str, Any], path: str, before: Any, after: Any) -> dict[str, Any]:
    return {
        "rule": rule,
        "exercise_id": exercise["exercise_id"],
        "path": path,
        "from": before,
        "to": after,
        "evidence": [],
        "explanation": "x",
    }
