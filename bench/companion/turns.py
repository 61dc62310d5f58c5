"""What a turn costs without a model: milliseconds, processor time, and the memory that the first one takes."""

import json
from collections.abc import Callable
from itertools import cycle
from typing import Any
from uuid import uuid4

from bench.companion.person import somebody
from bench.companion.placeholders import Day
from bench.companion.sets import read_questions, read_setups
from bench.companion.setups import set_up, today_of
from bench.load import LoadClient, load
from bench.servers import serving
from bench.table import TableRow, print_table
from dev.stack import Stack

SETUP = "lifter"
SECONDS = 8.0
PAUSE = 0.15
"""A turn writes more than once, and one person may write 20 times a second for long."""


async def bench_turns(stack: Stack) -> None:
    """One person asks their questions in all languages of a process that has answered nobody yet."""
    setup = read_setups()[SETUP]
    with serving("src.main:app", stack) as server:
        async with somebody(stack, server.url) as person:
            await person.get("/exercises?q=bench")
            before = server.process.memory_info().rss
            await person.say("Hello")
            after = server.process.memory_info().rss
            await set_up(person, setup)
            headers = {**person.client.headers, "content-type": "application/json"}
            callers = [LoadClient([headers], _talk(setup), pause=PAUSE)]
            run = await load(f"{server.url}/api/v1/chat", callers, seconds=SECONDS, process=server.process)
            in_use = server.process.memory_info().rss
    row: TableRow = {
        "p50 ms": f"{run.p50:.1f}",
        "p99 ms": f"{run.p99:.1f}",
        "CPU ms": "" if run.cpu_us is None else f"{run.cpu_us / 1000:.1f}",
        "MB before the first turn": f"{before / 1e6:.0f}",
        "MB after": f"{after / 1e6:.0f}",
        "MB in use": f"{in_use / 1e6:.0f}",
    }
    print_table("A turn without a model, as the API's process sees it", [row])


def _questions(setup: dict[str, Any]) -> list[str]:
    questions = [question for question in read_questions() if question.setup == SETUP]
    return [Day(today_of(setup), question.language).text(question.text) for question in questions]


def _talk(setup: dict[str, Any]) -> Callable[[], bytes]:
    questions = cycle(_questions(setup))
    return lambda: json.dumps({"client_id": str(uuid4()), "message": next(questions)}).encode()
