"""A model's part in adapting a plan. The model changes words only, and may choose among the offered substitutes."""

import re
from collections import Counter
from functools import cache
from pathlib import Path
from uuid import UUID

from pydantic import BaseModel, Field

from src.ai.provider import Prompt, Rejected
from src.ai.quoting import quote_as_data, quote_name
from src.training.adapter.changes import ProposedChange
from src.training.adapter.engine import PlanAdaptation

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


class WordedChange(BaseModel):
    """A change in the companion's words."""

    number: int
    explanation: str = Field(min_length=1, max_length=400)
    substitute: UUID | None = Field(None, description="Of the offered ones, when another than the first suits better.")


class WordedChanges(BaseModel):
    """All changes, in order."""

    changes: list[WordedChange] = Field(max_length=60)


def ask_for_words(adaptation: PlanAdaptation, reason: str | None) -> Prompt[WordedChanges]:
    """The prompt for the words of these changes; without a model the rules' explanations stay."""

    def check(answer: WordedChanges) -> None:
        if [worded_change.number for worded_change in answer.changes] != list(range(len(adaptation.changes))):
            raise Rejected("Answer every change once, by its number, in the same order.")
        for change, worded_change in zip(adaptation.changes, answer.changes, strict=True):
            _check(change, worded_change)
        _check_days(adaptation, answer)

    return Prompt(
        system=_system(),
        user=_user_text(adaptation, reason),
        output=WordedChanges,
        rule_based=lambda: _own_words(adaptation),
        check=check,
    )


def reword(adaptation: PlanAdaptation, answer: WordedChanges) -> PlanAdaptation:
    """The adaptation in these words, which have been checked."""
    chosen = {worded.number: worded.substitute for worded in answer.changes if worded.substitute is not None}
    return adaptation.replace_words([" ".join(worded.explanation.split()) for worded in answer.changes], chosen)


def _check(change: ProposedChange, worded: WordedChange) -> None:
    text, offered = worded.explanation, {candidate.id: candidate for candidate in change.substitutes}
    if not text.strip() or "\x00" in text:
        raise Rejected(f"Change {worded.number} says nothing.")
    if worded.substitute is not None and worded.substitute not in offered:
        raise Rejected(f"Change {worded.number}: substitute must be the id of one of its substitutes, or null.")
    taken = offered.get(worded.substitute) if worded.substitute else next(iter(change.substitutes), None)
    if taken is not None and taken.name.lower() not in text.lower():
        raise Rejected(f"Change {worded.number}: name {quote_name(taken.name)}, which takes the place.")
    known = change.explanation + "".join(candidate.name for candidate in change.substitutes)
    if invented := _numbers(text) - _numbers(known):
        raise Rejected(f"Change {worded.number}: {', '.join(sorted(invented))} is not a number of this change.")


def _check_days(adaptation: PlanAdaptation, answer: WordedChanges) -> None:
    """No exercise comes twice into a day: what is offered for two of its exercises may overlap."""
    names = {candidate.id: candidate.name for change in adaptation.changes for candidate in change.substitutes}
    for before, after in zip(adaptation.base.days, reword(adaptation, answer).content.days, strict=True):
        had, has = (Counter(planned.exercise_id for planned in day.exercises) for day in (before, after))
        if twice := [names[exercise_id] for exercise_id, count in has.items() if count > max(had[exercise_id], 1)]:
            names_twice = ", ".join(map(quote_name, twice))
            raise Rejected(
                f"{quote_name(after.name)} would have {names_twice} more than once: choose another substitute."
            )


def _numbers(text: str) -> set[str]:
    return {number.replace(",", ".") for number in _NUMBER.findall(text)}


def _own_words(adaptation: PlanAdaptation) -> WordedChanges:
    return WordedChanges(
        changes=[
            WordedChange(number=number, explanation=change.explanation, substitute=None)
            for number, change in enumerate(adaptation.changes)
        ]
    )


def _user_text(adaptation: PlanAdaptation, reason: str | None) -> str:
    changes = [
        {
            "number": number,
            "rule": change.rule,
            "day": adaptation.base.days[change.place[0]].name,
            "explanation": change.explanation,
            "substitutes": [{"id": str(candidate.id), "name": candidate.name} for candidate in change.substitutes],
        }
        for number, change in enumerate(adaptation.changes)
    ]
    return quote_as_data({"reason": reason, "changes": changes})


@cache
def _system() -> str:
    return (Path(__file__).parent / "prompts" / "system.md").read_text().strip()
