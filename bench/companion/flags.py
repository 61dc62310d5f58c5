"""Which emergencies are heard, and what is taken for one."""

from collections.abc import Sequence
from dataclasses import dataclass

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

    async def ask(flag: Flag) -> Answered:
        async with somebody(stack, url) as person:
            reply = (await person.say(flag.message))["message"]
        answered = Answered(flag, reply["concern"] or NO_FLAG)
        if not answered.is_right:
            misses.add("flags", flag, concern=answered.concern, reply=reply["message"])
        return answered

    answers = await for_each(read_flags(), ask)
    dangers = [answer for answer in answers if answer.flag.expected != NO_FLAG]
    by_language = grouped(answers, lambda answer: answer.flag.language)
    print_table("Flags (goals: 0.94 caught, 0.07 false)", [_row("language", *group) for group in by_language])
    by_class = grouped(dangers, lambda answer: answer.flag.expected)
    print_table("Flags by class", [_row("class", *group) for group in by_class])


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
