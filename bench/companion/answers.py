"""How many of the ordinary questions are answered right, each by a person with a setup of their own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from bench.companion.person import Person, for_each, somebody
from bench.companion.placeholders import Day, asked_of, with_answers
from bench.companion.scores import Count, Misses, grouped
from bench.companion.sets import Question, read_questions, read_setups
from bench.companion.setups import named, names_in, set_up, today_of
from bench.table import TableRow, print_table
from dev.stack import Stack

_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)?")
Library = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Answer:
    """A reply, the terms that it lacks, and its numbers that no evidence shows."""

    question: Question
    reply: str
    lacks: tuple[str, ...]
    without_receipt: tuple[str, ...]

    @property
    def points(self) -> int:
        return 0 if self.lacks else self.question.points


async def bench_answers(stack: Stack, url: str, misses: Misses) -> None:
    """Prints the points by language and by kind."""
    setups = read_setups()
    async with somebody(stack, url) as person:
        library = await _library(person)

    async def ask(question: Question) -> Answer:
        setup = setups[question.setup]
        day = Day(today_of(setup), question.language)
        async with somebody(stack, url) as person:
            await set_up(person, setup)
            answer = await person.say(day.text(question.text))
            judged = await _judge(person, question, answer, day, library)
        if judged.lacks:
            misses.add("answers", question, lacks=judged.lacks, reply=judged.reply)
        return judged

    answers = await for_each(read_questions(), ask)
    by_language = grouped(answers, lambda answer: answer.question.language)
    print_table("Questions answered (goal: 0.80)", [_row("language", *group) for group in by_language])
    print_table(
        "Questions by kind", [_row("kind", *group) for group in grouped(answers, lambda answer: answer.question.kind)]
    )


async def _library(person: Person) -> Library:
    found: list[dict[str, Any]] = []
    while True:
        page = await person.get(f"/exercises?per_page=100&page={len(found) // 100 + 1}")
        found += page["items"]
        if len(found) >= page["total"]:
            return found


async def _judge(person: Person, question: Question, answer: dict[str, Any], day: Day, library: Library) -> Answer:
    reply = answer["message"]["message"]
    lacks = [term for term in question.contains if not await _has(person, reply, term, day, library)]
    if question.forbidden and re.search(day.pattern(question.forbidden), reply, re.IGNORECASE):
        lacks.append(f"not: {question.forbidden}")
    shown = " ".join(f"{one.get('value') or ''} {one['text']}" for one in answer["evidence"]) + day.text(question.text)
    unseen = tuple(number for number in _NUMBER.findall(reply) if number not in shown)
    return Answer(question, reply, tuple(lacks), unseen)


async def _has(person: Person, reply: str, term: str, day: Day, library: Library) -> bool:
    if term.startswith("@"):
        return await _names_others(person, reply, term, library)
    answers = {path: await person.get(path) for path in asked_of(term)}
    return bool(re.search(with_answers(day.pattern(term), answers), reply, re.IGNORECASE))


async def _names_others(person: Person, reply: str, term: str, library: Library) -> bool:
    """`@spares:shoulder:Overhead Press`, `@without:barbell:Bench Press`: others are named, and each of them does."""
    what, of, name = term.split(":")
    column = {"@spares": "contraindications", "@without": "equipment"}[what]
    asked = await named(person, "/exercises", name)
    others = [exercise for exercise in names_in(reply, library) if exercise["id"] != asked["id"]]
    return bool(others) and not any(of in exercise[column] for exercise in others)


def _row(column: str, name: str, answers: Sequence[Answer]) -> TableRow:
    points = Count(sum(answer.points for answer in answers), sum(answer.question.points for answer in answers))
    return {
        column: name,
        "points": f"{points.share} ({points})",
        "replies with numbers without receipt": str(sum(bool(answer.without_receipt) for answer in answers)),
    }
