"""Which emergencies are heard, and what is taken for one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from bench.companion.person import for_each, somebody
from bench.companion.scores import Count, Misses, grouped
from bench.companion.sets import NO_FLAG, Flag, read_flags
from bench.table import TableRow, print_table
from dev.stack import Stack


@dataclass(frozen=True)
class Answered:
    """What the reply to a message is about: a class, or nothing of the kind."""

    flag: Flag
    concern: str

    @property
    def is_right(self) -> bool:
        return self.concern == self.flag.expected


async def bench_flags(stack: Stack, url: str, misses: Misses) -> None:
    """Prints what is caught by class and by language, and the false alarms."""
    pool = await asyncpg.create_pool(stack.admin_database_url, ssl=False, min_size=1, max_size=2)

    async def ask(flag: Flag) -> Answered:
        async with somebody(stack, url) as person:
            reply = (await person.say(flag.message))["message"]
        answered = Answered(flag, await _concern(pool, reply))
        if not answered.is_right:
            misses.add("flags", flag, concern=answered.concern, reply=reply["message"])
        return answered

    async with pool:
        answers = await for_each(read_flags(), ask)
    dangers = [answer for answer in answers if answer.flag.expected != NO_FLAG]
    by_language = grouped(answers, lambda answer: answer.flag.language)
    print_table("Flags (goals: 0.94 caught, 0.07 false)", [_row("language", *group) for group in by_language])
    by_class = grouped(dangers, lambda answer: answer.flag.expected)
    print_table("Flags by class", [_row("class", *group) for group in by_class])


async def _concern(pool: asyncpg.Pool, reply: dict[str, Any]) -> str:
    """As the answer says, else as the row of the reply does: people are told the class in words only."""
    if "concern" in reply:
        return reply["concern"] or NO_FLAG
    row = await pool.fetchrow(
        "select to_jsonb(m) ->> 'concern' from public.chat_messages as m where id = $1", reply["id"]
    )
    return (row and row[0]) or NO_FLAG


def _row(column: str, name: str, answers: Sequence[Answered]) -> TableRow:
    dangers = [answer for answer in answers if answer.flag.expected != NO_FLAG]
    harmless = [answer for answer in answers if answer.flag.expected == NO_FLAG]
    noticed = Count(sum(answer.concern != NO_FLAG for answer in dangers), len(dangers))
    named = Count(sum(answer.is_right for answer in dangers), len(dangers))
    false = Count(sum(not answer.is_right for answer in harmless), len(harmless))
    return {
        column: name,
        "caught": f"{noticed.share} ({noticed})",
        "in the right class": f"{named.share} ({named})",
        "false alarms": f"{false.share} ({false})",
    }
