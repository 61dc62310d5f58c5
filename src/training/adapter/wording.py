"""A model's part in adapting a plan: the words, and a choice among offered substitutes. What changes is law."""

import re
from collections import Counter
from functools import cache
from pathlib import Path
from uuid import UUID

from pydantic import BaseModel, Field

from src.ai.provider import Prompt, Rejected
from src.ai.quoting import quote_as_data
from src.training.adapter.changes import Change
from src.training.adapter.engine import Adaptation

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


class WordedChange(BaseModel):
    """A change in the companion's words."""

    number: int
    explanation: str = Field(min_length=1, max_length=400)
    substitute: UUID | None = Field(None, description="Of the offered ones, when another than the first suits better.")


class WordedChanges(BaseModel):
    """All changes, in order."""

    changes: list[WordedChange] = Field(max_length=60)


def wording_of(adaptation: Adaptation, reason: str | None) -> Prompt[WordedChanges]:
    """The words for these changes, as something to generate; the rules' own without a model."""

    def check(answer: WordedChanges) -> None:
        if [one.number for one in answer.changes] != list(range(len(adaptation.changes))):
            raise Rejected("Answer every change once, by its number, in the same order.")
        for change, worded in zip(adaptation.changes, answer.changes, strict=True):
            _check(change, worded)
        _check_days(adaptation, answer)

    return Prompt(
        system=_system(),
        user=_prompt(adaptation, reason),
        output=WordedChanges,
        rule_based=lambda: _own_words(adaptation),
        check=check,
    )


def worded(adaptation: Adaptation, answer: WordedChanges) -> Adaptation:
    """The adaptation in these words, which have been checked."""
    chosen = {one.number: one.substitute for one in answer.changes if one.substitute is not None}
    return adaptation.reworded([" ".join(one.explanation.split()) for one in answer.changes], chosen)


def _check(change: Change, worded: WordedChange) -> None:
    text, offered = worded.explanation, {one.id: one for one in change.substitutes}
    if not text.strip() or "\x00" in text:
        raise Rejected(f"Change {worded.number} says nothing.")
    if worded.substitute is not None and worded.substitute not in offered:
        raise Rejected(f"Change {worded.number}: substitute must be the id of one of its substitutes, or null.")
    taken = offered.get(worded.substitute) if worded.substitute else next(iter(change.substitutes), None)
    if taken is not None and taken.name.lower() not in text.lower():
        raise Rejected(f"Change {worded.number}: name {taken.name}, which takes the place.")
    known = change.explanation + "".join(one.name for one in change.substitutes)
    if invented := _numbers(text) - _numbers(known):
        raise Rejected(f"Change {worded.number}: {', '.join(sorted(invented))} is not a number of this change.")


def _check_days(adaptation: Adaptation, answer: WordedChanges) -> None:
    """No exercise comes twice into a day: what is offered for two of its exercises may overlap."""
    names = {one.id: one.name for change in adaptation.changes for one in change.substitutes}
    for before, after in zip(adaptation.base.days, worded(adaptation, answer).content.days, strict=True):
        had, has = (Counter(one.exercise_id for one in day.exercises) for day in (before, after))
        if twice := [names[one] for one, count in has.items() if count > max(had[one], 1)]:
            raise Rejected(f"{after.name} would have {', '.join(twice)} more than once: choose another substitute.")


def _numbers(text: str) -> set[str]:
    return {one.replace(",", ".") for one in _NUMBER.findall(text)}


def _own_words(adaptation: Adaptation) -> WordedChanges:
    return WordedChanges(
        changes=[
            WordedChange(number=number, explanation=change.explanation, substitute=None)
            for number, change in enumerate(adaptation.changes)
        ]
    )


def _prompt(adaptation: Adaptation, reason: str | None) -> str:
    changes = [
        {
            "number": number,
            "rule": change.rule,
            "day": adaptation.base.days[change.place[0]].name,
            "explanation": change.explanation,
            "substitutes": [{"id": str(one.id), "name": one.name} for one in change.substitutes],
        }
        for number, change in enumerate(adaptation.changes)
    ]
    return quote_as_data({"reason": reason, "changes": changes})


@cache
def _system() -> str:
    return (Path(__file__).parent / "prompts" / "system.md").read_text().strip()
