"""What a plan should change to, by rules: pure, the same each time. The law is in the order:

1. what hurts or is not wanted goes, and what keeps failing (swaps.py);
2. after a long break all loads are lighter, and nothing else changes (progress.py);
3. else planned loads follow what was reached (progress.py), and the number of sets how much of the plan is done
   (volume.py).

What the person rejected lately is left out unless something new says so. Nothing to change is an answer too.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from src.training.adapter.changes import Change, applied, in_order
from src.training.adapter.constants import MOST_CHANGES, MOST_CHARACTERS, REFUSAL_DAYS
from src.training.adapter.progress import break_days, followed, restarted
from src.training.adapter.situation import Entry, Situation
from src.training.adapter.swaps import PAIN, Swaps, swapped
from src.training.adapter.volume import resized
from src.training.content import PlanContent, PlannedExercise
from src.vocabulary import ProposalStatus

# What is sacrificed last when there are more changes than a proposal holds.
_ORDER = ("swap.", "remove.", "restart.", "deload", "double_progression.", "linear.", "loads.", "volume.")


@dataclass(frozen=True)
class Adaptation:
    """Changes of a plan's content, in the order they are made; none when it is right as it is."""

    base: PlanContent
    changes: Sequence[Change]

    @property
    def content(self) -> PlanContent:
        """The plan with them."""
        return applied(self.base, self.changes)

    def reworded(self, texts: Sequence[str], substitutes: Mapping[int, UUID]) -> "Adaptation":
        """The same changes in other words; `substitutes`: others of those that were offered, by number of change."""
        return replace(self, changes=list(self._reworded(texts, substitutes)))

    def _reworded(self, texts: Sequence[str], substitutes: Mapping[int, UUID]) -> Iterator[Change]:
        for number, (change, text) in enumerate(zip(self.changes, texts, strict=True)):
            chosen = next((one for one in change.substitutes if one.id == substitutes.get(number)), None)
            if chosen is None:
                yield replace(change, explanation=text)
            else:
                yield swapped(change, PlannedExercise.model_validate(change.before), chosen, text)


def propose(situation: Situation) -> Adaptation:
    """What the plan should change to today."""
    changes = [one for one in _changes(situation) if not _is_refused(situation, one)]
    return Adaptation(situation.content, _bounded(changes))


def _changes(situation: Situation) -> Iterator[Change]:
    swaps = Swaps(situation)
    staying: list[Entry] = []
    for entry in situation.entries:
        change = swaps.of(entry)
        if change is None or _is_refused(situation, change):
            staying.append(entry)
        if change is not None:
            yield change
    if break_days(situation) is not None:
        yield from filter(None, map(restarted, staying))
        return
    loads = {entry.place: change for entry in staying if (change := followed(entry)) is not None}
    yield from loads.values()
    agreed = [one for one in loads.values() if not _is_refused(situation, one)]
    yield from resized(situation, _with_loads(situation, staying, agreed))


def _with_loads(situation: Situation, entries: Iterable[Entry], changes: Sequence[Change]) -> list[Entry]:
    """The entries as these changes leave them."""
    content = applied(situation.content, changes)
    return [replace(entry, planned=content.days[entry.place[0]].exercises[entry.place[1]]) for entry in entries]


def _is_refused(situation: Situation, change: Change) -> bool:
    """Whether the person has rejected it lately, and no set has been done since that would say it again."""
    if change.rule in {f"swap.{PAIN}", f"remove.{PAIN}"} and situation.pain:
        return False  # they have just said that it hurts
    rejected = situation.decided(ProposalStatus.REJECTED, REFUSAL_DAYS)
    return any(
        one["rule"] == change.rule
        and one["exercise_id"] == str(change.exercise_id)
        and one["path"] == change.path
        and not _is_news(change, one)
        for decision in rejected
        for one in decision.changes
    )


def _is_news(change: Change, rejected: Mapping[str, Any]) -> bool:
    # That little or much of a plan is done, or that a joint is injured, is no other news each week.
    is_lasting = change.rule.startswith(("volume.", "swap.pain", "swap.excluded", "remove."))
    return not is_lasting and not set(change.evidence) <= set(rejected["evidence"])


def _bounded(changes: Iterable[Change]) -> list[Change]:
    """As many changes as a proposal holds, the weightiest first; the rest come with the next one."""
    kept: list[Change] = []
    size = 0
    for change in sorted(changes, key=_weight):
        size += len(json.dumps(change.document))
        if len(kept) < MOST_CHANGES and size <= MOST_CHARACTERS:
            kept.append(change)
    return in_order(sorted(kept, key=lambda one: (one.place, _weight(one))))


def _weight(change: Change) -> int:
    return next(at for at, prefix in enumerate(_ORDER) if change.rule.startswith(prefix))
