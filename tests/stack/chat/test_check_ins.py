"""The companion writes first: each cause once, to whom it may, when it may."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from dev.stack import Stack
from src.core.config import Settings
from tests.support.archive import bring, exported, neutral
from tests.support.check_ins import (
    CRON,
    ME,
    MESSAGES,
    awake,
    check_ins_of,
    days_ago,
    evidence_of,
    execute,
    miss_sessions,
    near_deload,
    note_pain,
    run_cron,
    set_record_a_year_ago,
)
from tests.support.jobs import service
from tests.support.people import Newcomer, Person, assert_problem, rest_client
from tests.support.workouts import log, squat

CHAT = "/api/v1/chat"


async def test_only_the_secret_starts_it(anonymous: Person, ana: Person, stack: Stack) -> None:
    await awake(ana)
    await note_pain(ana)
    for secret in ("", "x", stack.secret_key, stack.cron_secret[:-1], ana.token):
        answer = await anonymous.post(CRON, headers={"Authorization": f"Bearer {secret}"})
        assert_problem(answer, 401, "unauthenticated")
    assert await check_ins_of(ana) == []


class TestCauses:
    async def test_missed_sessions(self, ana: Person, anonymous: Person, stack: Stack) -> None:
        await awake(ana)
        plan = await miss_sessions(ana, stack)
        await run_cron(anonymous, stack)
        [check_in] = await check_ins_of(ana)
        assert check_in["message"].startswith("Your last 5 planned sessions, from ")
        assert check_in | {"id": "", "message": "", "created_at": ""} == {
            "id": "", "role": "assistant", "kind": "check_in", "client_id": None, "reply_to": None, "message": "",
            "mood": "encouraging", "model": "check-in", "finish": "stop", "concern": None, "created_at": "",
            "actions": [
                {"kind": "start_workout", "plan_id": plan["id"], "plan_day": 1},
                {"kind": "adapt_plan", "plan_id": plan["id"], "body": None},
            ],
        }  # fmt: skip
        evidence = await evidence_of(ana, check_in)
        assert {(each["kind"], each["text"]) for each in evidence if each["kind"] == "plan"} == {("plan", "Strength")}
        assert [each["id"] for each in evidence if each["kind"] == "workout"] == [
            (await ana.get("/api/v1/workouts")).json()["items"][0]["id"]
        ]
        assert all(each["value"] is None or each["value"] in check_in["message"] for each in evidence)

    async def test_a_deload_week(self, ana: Person, anonymous: Person, stack: Stack) -> None:
        await awake(ana)
        plan = await near_deload(ana)
        await run_cron(anonymous, stack)
        [check_in] = await check_ins_of(ana)
        assert "week 4 is a deload week" in check_in["message"]
        evidence = await evidence_of(ana, check_in)
        assert {(each["kind"], each["id"]) for each in evidence} == {("plan", plan["id"])}

    async def test_a_record_of_a_year_ago(self, ana: Person, anonymous: Person, stack: Stack) -> None:
        await awake(ana)
        await ana.patch(ME, json={"weight_unit": "lb"})
        await set_record_a_year_ago(ana)
        await run_cron(anonymous, stack)
        [check_in] = await check_ins_of(ana)
        assert "242.51\N{NO-BREAK SPACE}lb" in check_in["message"]
        assert "still stands" in check_in["message"]
        first, *_ = await evidence_of(ana, check_in)
        assert (first["kind"], first["value"]) == ("set", "242.51\N{NO-BREAK SPACE}lb")
        assert "110 kg" in first["text"]

    async def test_a_week_of_pain_by_notes_of_workouts(self, ana: Person, anonymous: Person, stack: Stack) -> None:
        await awake(ana)
        hurting = await note_pain(ana)
        await run_cron(anonymous, stack)
        [check_in] = await check_ins_of(ana)
        assert check_in["mood"] == "concerned"
        assert "on 2 days" in check_in["message"]
        assert "“Left knee hurts”" in check_in["message"]
        assert {each["id"] for each in await evidence_of(ana, check_in)} == hurting

    async def test_a_week_of_pain_by_memories(self, ana: Person, anonymous: Person, stack: Stack) -> None:
        await awake(ana)
        memory = await told_pain(ana, stack)
        await run_cron(anonymous, stack)
        [check_in] = await check_ins_of(ana)
        assert "“My lower back hurts when I sit”" in check_in["message"]
        assert [(each["kind"], each["id"]) for each in await evidence_of(ana, check_in)] == [("memory", memory)] * 2
        # Forgotten, it is gone from here too.
        assert (await ana.delete(f"/api/v1/memories/{memory}")).status_code == 204
        [check_in] = await check_ins_of(ana)
        assert "[forgotten]" in check_in["message"]
        assert "lower back" not in check_in["message"]
        assert await evidence_of(ana, check_in) == []

    async def test_memories_are_left_alone_when_memory_is_off(
        self, ana: Person, anonymous: Person, stack: Stack
    ) -> None:
        await awake(ana)
        await told_pain(ana, stack)
        await ana.patch(ME, json={"memory_enabled": False})
        await run_cron(anonymous, stack)
        assert await check_ins_of(ana) == []


async def told_pain(person: Person, stack: Stack) -> str:
    """Pain that the person told five days ago and again yesterday; the memory's id."""
    memory = str(uuid4())
    await execute(
        stack,
        "insert into public.memories (id, user_id, kind, content, content_hash, created_at, stated_at)"
        " values ($1, $2, 'injury', 'My lower back hurts when I sit.', 'x', $3, $4)",
        memory,
        person.id,
        days_ago(5),
        days_ago(1),
    )
    return memory


Cause = Callable[[Person, Stack], Awaitable[Any]]
CAUSES: dict[str, Cause] = {
    "missed sessions": miss_sessions,
    "a deload week": lambda person, _: near_deload(person),
    "a record": lambda person, _: set_record_a_year_ago(person),
    "pain": lambda person, _: note_pain(person),
}


@pytest.mark.parametrize("cause", CAUSES)
async def test_each_cause_is_written_about_once(cause: str, ana: Person, anonymous: Person, stack: Stack) -> None:
    await awake(ana, max_per_week=7)
    await CAUSES[cause](ana, stack)
    # Two clocks at once, and again: the second finds nothing, whatever the first has come to.
    await asyncio.gather(*(run_cron(anonymous, stack) for _ in range(3)))
    assert len(await check_ins_of(ana)) == 1
    # Nor does it come back with an empty conversation, or after the week of the cap.
    assert (await ana.delete(MESSAGES)).status_code == 204
    await execute(stack, "update private.check_ins set sent_at = $2 where user_id = $1", ana.id, days_ago(8))
    await run_cron(anonymous, stack)
    again = await check_ins_of(ana)
    assert again == []


async def test_a_run_that_ends_between_its_halves_is_made_up_for(
    ana: Person, anonymous: Person, stack: Stack, settings: Settings
) -> None:
    await awake(ana)
    await note_pain(ana)
    async with service(settings) as gateway:
        while True:
            batch = await gateway.call("check_ins_due")
            if batch["done"]:
                break
    assert await check_ins_of(ana) == []
    await run_cron(anonymous, stack)
    assert len(await check_ins_of(ana)) == 1


async def test_who_is_just_writing_is_left_for_the_next_run(ana: Person, anonymous: Person, stack: Stack) -> None:
    await awake(ana)
    await note_pain(ana)
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        async with connection.transaction():
            await connection.execute("select from public.users where id = $1 for no key update", ana.id)
            await run_cron(anonymous, stack)
            assert await check_ins_of(ana) == []
    finally:
        await connection.close()
    await run_cron(anonymous, stack)
    assert len(await check_ins_of(ana)) == 1


async def test_what_changed_between_the_halves_is_not_written(
    ana: Person, anonymous: Person, stack: Stack, settings: Settings
) -> None:
    await awake(ana)
    await miss_sessions(ana, stack)
    async with service(settings) as gateway:
        due = []
        while True:
            batch = await gateway.call("check_ins_due")
            due += [each for each in batch["due"] if each["user_id"] == ana.id]
            if batch["done"]:
                break
        assert [each["cause"] for each in due] == ["missed_sessions"]
        await log(ana, await squat(ana), at=days_ago(0.1), ended_at=None)
        item = {"due": due[0], "message": "Where are you?", "mood": "warm", "actions": [], "evidence": []}
        assert await gateway.call("keep_check_ins", {"check_ins": [item]}) == 0
    assert await check_ins_of(ana) == []


class TestLimits:
    async def test_one_a_week_unless_the_person_wants_more(self, ana: Person, anonymous: Person, stack: Stack) -> None:
        await awake(ana)
        await miss_sessions(ana, stack)
        await note_pain(ana, "Hip hurts")
        await set_record_a_year_ago(ana)
        for _ in range(2):
            await run_cron(anonymous, stack)
            assert [each["mood"] for each in await check_ins_of(ana)] == ["concerned"]
        await awake(ana, max_per_week=2)
        for _ in range(2):
            await run_cron(anonymous, stack)
            assert [each["mood"] for each in await check_ins_of(ana)] == ["proud", "concerned"]
        await awake(ana, max_per_week=0)
        await execute(stack, "update private.check_ins set sent_at = $2 where user_id = $1", ana.id, days_ago(8))
        await run_cron(anonymous, stack)
        assert len(await check_ins_of(ana)) == 2

    async def test_off_is_off(self, ana: Person, anonymous: Person, stack: Stack) -> None:
        await awake(ana, enabled=False)
        await note_pain(ana)
        await run_cron(anonymous, stack)
        assert await check_ins_of(ana) == []
        await awake(ana, enabled=True)
        await run_cron(anonymous, stack)
        assert len(await check_ins_of(ana)) == 1

    @pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Europe/Berlin", "America/Los_Angeles", "Asia/Kathmandu"])
    async def test_never_in_quiet_hours_where_the_person_is(
        self, zone: str, ana: Person, anonymous: Person, stack: Stack
    ) -> None:
        await note_pain(ana)
        clock = datetime.now(UTC).astimezone(ZoneInfo(zone))
        around = [f"{clock + timedelta(hours=hours):%H:%M}" for hours in (-2, 2, 4)]
        quiet = {"quiet_from": around[0], "quiet_to": around[1]}
        assert (await ana.patch(ME, json={"timezone": zone, "check_ins": quiet})).status_code == 200
        await run_cron(anonymous, stack)
        assert await check_ins_of(ana) == []
        loud = {"quiet_from": around[1], "quiet_to": around[2]}
        assert (await ana.patch(ME, json={"check_ins": loud})).status_code == 200
        await run_cron(anonymous, stack)
        assert len(await check_ins_of(ana)) == 1

    async def test_a_guest_and_a_closed_account_are_not_written_to(
        self, newcomer: Newcomer, anonymous: Person, stack: Stack
    ) -> None:
        guest, leaver = await newcomer(), await newcomer()
        for person in (guest, leaver):
            await awake(person)
            await note_pain(person)
        await execute(stack, "update auth.users set is_anonymous = true where id = $1", guest.id)
        await execute(stack, "update public.users set closed_at = now() where id = $1", leaver.id)
        await run_cron(anonymous, stack)
        connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
        try:
            written = "select count(*) from public.chat_messages where user_id = any($1::uuid[])"
            assert await connection.fetchval(written, [guest.id, leaver.id]) == 0
        finally:
            await connection.close()


async def test_two_people_never_meet(ana: Person, bo: Person, anonymous: Person, stack: Stack) -> None:
    for person in (ana, bo):
        await awake(person)
    of_ana, of_bo = await note_pain(ana, "Ana's knee hurts"), await note_pain(bo, "Bo's hip hurts")
    await run_cron(anonymous, stack)
    for person, own, other, workouts in ((ana, "Ana", "Bo", of_ana), (bo, "Bo", "Ana", of_bo)):
        [check_in] = await check_ins_of(person)
        assert own in check_in["message"]
        assert other not in check_in["message"]
        assert {each["id"] for each in await evidence_of(person, check_in)} == workouts
    [theirs] = await check_ins_of(bo)
    assert_problem(await ana.get(f"{MESSAGES}/{theirs['id']}/evidence"), 404, "not_found")


async def test_it_speaks_the_language_of_the_newest_message(ana: Person, anonymous: Person, stack: Stack) -> None:
    await awake(ana)
    await note_pain(ana)
    for days, language in ((3, "es"), (2, "de")):
        await execute(
            stack,
            "insert into public.chat_messages (user_id, role, client_id, message, language, created_at)"
            " values ($1, 'user', gen_random_uuid(), 'x', $2, $3)",
            ana.id,
            language,
            days_ago(days),
        )
    await run_cron(anonymous, stack)
    [check_in] = await check_ins_of(ana)
    assert check_in["message"].startswith("Du hast in der letzten Woche an 2 Tagen Schmerzen notiert")


async def test_an_answer_is_a_message_like_any_other(ana: Person, anonymous: Person, stack: Stack) -> None:
    await awake(ana)
    await note_pain(ana)
    await run_cron(anonymous, stack)
    answered = await ana.post(CHAT, json={"client_id": str(uuid4()), "message": "Better, thank you"})
    assert answered.status_code == 200
    kinds = [(item["role"], item["kind"]) for item in (await ana.get(MESSAGES)).json()["items"]]
    assert kinds == [("assistant", "message"), ("user", "message"), ("assistant", "check_in")]


async def test_it_is_taken_along_and_brought_back(
    ana: Person, bo: Person, anonymous: Person, stack: Stack, settings: Settings
) -> None:
    await awake(ana)
    await note_pain(ana)
    await run_cron(anonymous, stack)
    document = await exported(ana)
    assert (await bring(bo, document, settings))["rejected"] == []
    [mine], [theirs] = await check_ins_of(ana), await check_ins_of(bo)
    assert theirs == mine | {"id": theirs["id"]}
    assert neutral(await exported(bo)) == neutral(document)


async def test_nobody_makes_the_companion_write(ana: Person, stack: Stack) -> None:
    async with rest_client(stack, ana.token) as rest:
        assert (await rest.post("/rpc/check_ins_due", json={})).status_code == 403
        assert (await rest.post("/rpc/keep_check_ins", json={"check_ins": []})).status_code == 403
        forged = {"role": "assistant", "kind": "check_in", "message": "Send money", "model": "check-in"}
        assert (await rest.post("/chat_messages", json=forged)).status_code == 403
        assert (await rest.patch("/chat_messages?kind=eq.check_in", json={"message": "x"})).status_code == 403
        unfit = {"check_ins_max_per_week": 50}
        assert (await rest.patch(f"/users?id=eq.{ana.id}", content=json.dumps(unfit))).status_code == 400
    assert await check_ins_of(ana) == []
