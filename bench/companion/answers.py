"""How many of the ordinary questions are answered right, each by a person with a setup of their own."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bench.companion.person import Person, for_each, somebody
from bench.companion.placeholders import Day, asked_of, with_answers
from bench.companion.scores import Count, Misses, grouped
from bench.companion.sets import Question, read_questions, read_setups
from bench.companion.setups import named, names_in, set_up, today_of
from bench.table import TableRow, print_table
from dev.stack import Stack

_SPACE: Final = re.compile(r"[\u00a0\u202f]")
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
            terms = await _terms(person, question, day)
            answer = await person.say(day.text(question.text))
            lacks = await _lacks(person, terms, answer, library)
            judged = _judged(question, answer, lacks, day)
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


async def _terms(person: Person, question: Question, day: Day) -> dict[str, str]:
    """Each term as it is looked for, with what the API answers now: to be asked may change it."""
    answers = {path: await person.get(path) for term in question.contains for path in asked_of(term)}
    return {
        term: term if term.startswith("@") else with_answers(day.pattern(term), answers) for term in question.contains
    }


async def _lacks(person: Person, terms: Mapping[str, str], answer: dict[str, Any], library: Library) -> list[str]:
    return [term for term, pattern in terms.items() if not await _has(person, _text(answer), pattern, library)]


def _judged(question: Question, answer: dict[str, Any], lacks: list[str], day: Day) -> Answer:
    reply = _text(answer)
    if question.forbidden and re.search(day.pattern(question.forbidden), reply, re.IGNORECASE):
        lacks.append(f"not: {question.forbidden}")
    shown = " ".join(f"{one.get('value') or ''} {one['text']}" for one in answer["evidence"]) + day.text(question.text)
    unseen = tuple(number for number in _NUMBER.findall(reply) if number not in _SPACE.sub(" ", shown))
    return Answer(question, reply, tuple(lacks), unseen)


def _text(answer: dict[str, Any]) -> str:
    return _SPACE.sub(" ", answer["message"]["message"])


async def _has(person: Person, reply: str, term: str, library: Library) -> bool:
    if term.startswith("@"):
        return await _names_others(person, reply, term, library)
    return bool(re.search(term, reply, re.IGNORECASE))


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
