"""How close the companion feels, and what that rests on."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import BaseModel

from src.affinity.schemas import Affinity as Closeness
from src.affinity.schemas import AffinityEvent, AffinityEventQuery, AffinityLevel
from src.chat.phrases import say
from src.chat.phrases.formats import listed, number
from src.chat.tools.tool import NoArguments, Receipt, Tool, ToolAnswer
from src.chat.tools.toolbox import Asker, Toolbox
from src.language.language import Language
from src.vocabulary import AffinityRule, EvidenceKind

_MAX_EVENTS = 20


class Reason(BaseModel):
    """What one rule gave or took in the newest entries of the ledger."""

    rule: AffinityRule
    points: int
    times: int
    event_id: UUID


class _Found(BaseModel):
    score: int
    level: AffinityLevel
    next_level: AffinityLevel | None
    points_to_next: int | None
    reasons: list[Reason]


class Affinity(Tool[NoArguments]):
    """Score, level, and the newest reasons."""

    name = "affinity"
    description = (
        "How close the companion feels to the person: score, level, points to the next level, and what earned or cost "
        "points lately. For 'how close are we', 'why did my affinity go down'."
    )
    Arguments = NoArguments

    async def call(self, _: NoArguments, toolbox: Toolbox, /) -> ToolAnswer:
        rows = await toolbox.sources.affinity.events(AffinityEventQuery(per_page=_MAX_EVENTS))
        closeness = Closeness.of(toolbox.state.affinity.score)
        ahead = closeness.next_level_at
        found = _Found(
            score=closeness.score,
            level=closeness.level,
            next_level=None if ahead is None else Closeness.of(ahead).level,
            points_to_next=None if ahead is None else ahead - closeness.score,
            reasons=_add_up([AffinityEvent.model_validate(row) for row in rows.items]),
        )
        return ToolAnswer(found.model_dump(mode="json"), _receipts(found, toolbox.asker))

    def say(self, answer: ToolAnswer, language: Language, /) -> str:
        found = _Found.model_validate(answer.data)
        level = say(f"affinity.level_{found.level.value}", language)
        parts = [say("affinity.score", language, n=found.score, level=level)]
        if found.next_level is not None and found.points_to_next is not None:
            following = say(f"affinity.level_{found.next_level.value}", language)
            parts.append(say("affinity.next", language, n=found.points_to_next, level=following))
        if found.reasons:
            reasons = listed([_words(reason, language) for reason in found.reasons], language)
            parts.append(say("affinity.lately", language, reasons=reasons))
        else:
            parts.append(say("affinity.nothing", language))
        return " ".join(parts)


def _add_up(events: Sequence[AffinityEvent]) -> list[Reason]:
    """The newest events by rule, the newest rule first."""
    reasons: dict[AffinityRule, Reason] = {}
    for event in events:
        known = reasons.get(event.rule, Reason(rule=event.rule, points=0, times=0, event_id=event.id))
        reasons[event.rule] = known.model_copy(update={"points": known.points + event.points, "times": known.times + 1})
    return list(reasons.values())


def _points(reason: Reason, language: Language) -> str:
    sign = "+" if reason.points > 0 else "\N{MINUS SIGN}" if reason.points < 0 else ""
    return f"{sign}{number(abs(reason.points), language)}"


def _words(reason: Reason, language: Language) -> str:
    return say(f"affinity.for_{reason.rule.value}", language, points=_points(reason, language), n=reason.times)


def _receipts(found: _Found, asker: Asker) -> tuple[Receipt, ...]:
    language = asker.language
    counts = [found.score] + ([] if found.points_to_next is None else [found.points_to_next])
    own = [
        Receipt(EvidenceKind.PROFILE, asker.id, value, say("affinity.title", language))
        for value in dict.fromkeys(number(count, language) for count in counts)
    ]
    return (
        *own,
        *(
            Receipt(EvidenceKind.AFFINITY, reason.event_id, _words(reason, language), _points(reason, language))
            for reason in found.reasons
        ),
    )
