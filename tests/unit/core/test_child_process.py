"""Work in a process with limits: its items, its refusals, and every way in which it can end."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest
from pydantic import TypeAdapter

from src.core import child_process
from src.core.child_process import ChildCrashed, ChildLimits, InputRefused, run_in_child
from src.core.errors import Unavailable
from tests.support import child_functions as functions
from tests.support.server import ROOT
from tests.support.stack_process import still_running

ANY: TypeAdapter[Any] = TypeAdapter(Any)
MIB = 1024 * 1024
LINUX = pytest.mark.skipif(not Path("/proc/self").exists(), reason="limits of memory are the system's")


class Lift(NamedTuple):
    name: str
    weight: Decimal
    on: date


async def items_of(
    function: Callable[..., Iterator[Any]], *arguments: Any, limits: ChildLimits = child_process.DEFAULT_LIMITS
) -> list[Any]:
    async with run_in_child(ANY, function, *arguments, limits=limits) as child:
        return [item async for item in child]


async def test_items_come_in_order_until_the_end() -> None:
    assert await items_of(functions.counts, 3, 40) == list(range(3, 41))


async def test_items_are_what_the_adapter_makes_of_them() -> None:
    async with run_in_child(TypeAdapter(list[dict[str, Decimal | date | str]]), functions.lifts) as child:
        assert [item async for item in child] == [
            [{"name": "Kniebeuge ✓", "weight": Decimal("102.500"), "on": date(2025, 3, 1)}]
        ]


async def test_a_reply_is_what_yield_gives_to_the_function() -> None:
    seen = []
    async with run_in_child(TypeAdapter(int), functions.adds_up) as child:
        async for total in child:
            seen.append(total)
            if len(seen) == 4:
                break
            if len(seen) != 2:
                child.reply(len(seen) * 10)
    assert seen == [0, 10, 10, 40]


async def test_secrets_stay_with_the_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPABASE_SECRET_KEY", "a secret")
    (environment,) = await items_of(functions.says_its_environment)
    assert "SUPABASE_SECRET_KEY" not in environment
    assert "a secret" not in environment.values()


async def test_a_child_starts_with_few_imports() -> None:
    (modules,) = await items_of(functions.imports_of_the_child)
    assert not {"pydantic", "numpy", "asyncio", "fastapi", "src.jobs.worker"} & set(modules)


async def test_a_refusal_says_what_the_function_said() -> None:
    async with run_in_child(ANY, functions.refuses, 2) as child:
        assert [await anext(child), await anext(child)] == [0, 1]
        with pytest.raises(InputRefused) as refused:
            await anext(child)
    assert str(refused.value) == "There is nothing in it ✓"


async def test_a_bug_says_where_but_not_what() -> None:
    with pytest.raises(ChildCrashed, match=r"KeyError at .*child_functions.py:\d+") as crashed:
        await items_of(functions.has_a_bug, "what somebody wrote")
    assert "somebody" not in str(crashed.value)


@LINUX
@pytest.mark.parametrize(
    ("function", "arguments"), [(functions.takes_memory, (400 * MIB,)), (functions.takes_memory_by_depth, ())]
)
async def test_more_memory_than_allowed_is_the_input(function: Callable[..., Iterator[Any]], arguments: Any) -> None:
    with pytest.raises(InputRefused, match="memory"):
        await items_of(function, *arguments, limits=ChildLimits(memory_bytes=128 * MIB))


@LINUX
async def test_less_memory_than_allowed_is_fine() -> None:
    assert await items_of(functions.takes_memory, 80 * MIB, limits=ChildLimits(memory_bytes=128 * MIB)) == [0, 80 * MIB]


@LINUX
async def test_more_time_than_allowed_is_the_input() -> None:
    with pytest.raises(InputRefused, match="time"):
        await items_of(functions.never_ends, limits=ChildLimits(cpu_seconds=1))


@pytest.mark.parametrize("size", [child_process.MAX_ITEM_BYTES + 1, 40 * MIB])
async def test_an_item_of_any_size_is_refused(size: int) -> None:
    with pytest.raises(InputRefused, match="memory"):
        await items_of(functions.says_more_than_allowed, size)


@pytest.mark.parametrize("function", [functions.says_what_is_no_text, functions.says_what_is_no_number])
async def test_what_json_cannot_say_is_the_input(function: Callable[[], Iterator[Any]]) -> None:
    with pytest.raises(InputRefused):
        await items_of(function)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_whoever_was_killed_is_tried_again(number: signal.Signals) -> None:
    with pytest.raises(Unavailable, match=number.name):
        await items_of(functions.ends_by, number)


async def test_a_child_that_is_killed_from_outside_is_tried_again() -> None:
    async with run_in_child(ANY, functions.adds_up) as child:
        await anext(child)
        os.kill(child.pid, signal.SIGKILL)
        with pytest.raises(Unavailable):
            await anext(child)


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT])
async def test_what_crashes_by_itself_is_the_input(number: signal.Signals) -> None:
    with pytest.raises(InputRefused):
        await items_of(functions.ends_by, number)


async def test_leaving_the_block_ends_the_child() -> None:
    async with run_in_child(ANY, functions.never_ends) as child:
        await anext(child)
        process = psutil.Process(child.pid)
        assert process.is_running()
    assert not process.is_running()


async def test_cancelling_ends_the_child() -> None:
    started: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def works() -> None:
        async with run_in_child(ANY, functions.never_ends) as child:
            async for _ in child:
                started.set_result(child.pid)

    working = asyncio.create_task(works())
    process = psutil.Process(await started)
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working
    assert not process.is_running()


ORPHANS_PARENT = """
import asyncio
from pydantic import TypeAdapter
from src.core.child_process import run_in_child
from tests.support import child_functions as functions

async def main():
    async with run_in_child(TypeAdapter(int), functions.{function}) as child:
        await anext(child)
        print(child.pid, flush=True)
        async for _ in child:
            pass

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such timer")
@pytest.mark.parametrize("function", ["never_ends", "never_ends_and_catches_all", "waits_in_the_system"])
async def test_a_child_ends_when_its_parent_is_killed(function: str) -> None:
    code = ORPHANS_PARENT.format(function=function)
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", code, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    orphan = psutil.Process(int(await parent.stdout.readline()))
    parent.kill()
    await parent.communicate()
    assert not still_running([orphan])


async def test_no_more_children_than_allowed_run_at_once() -> None:
    running, most = 0, 0

    async def works() -> None:
        nonlocal running, most
        async with run_in_child(ANY, functions.counts, 1, 3) as child:
            running += 1
            most = max(most, running)
            async for _ in child:
                pass
            running -= 1

    await asyncio.gather(*(works() for _ in range(5)))
    assert (running, most) == (0, child_process.MAX_CHILDREN)


async def test_whoever_waits_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "_TURN_SECONDS", 0.01)
    async with run_in_child(ANY, functions.adds_up), run_in_child(ANY, functions.adds_up):
        with pytest.raises(Unavailable):
            await items_of(functions.counts, 1, 2)
