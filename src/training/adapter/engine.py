"""Proposes changes to a plan by rules: pure and deterministic. The rules run in this order:

1. exercises that hurt, are not wanted or keep failing are replaced or removed (swaps.py);
2. after a long break all loads are lighter, and nothing else changes (progress.py);
3. otherwise planned loads follow the progression rules (progress.py), and the number of sets follows adherence
   (volume.py).

Changes that the person rejected recently are left out unless there is new evidence. There may be no changes at all.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from src.training.adapter.changes import (
    REMOVALS,
    SWAPS,
    VOLUME,
    ChangeRule,
    ProposedChange,
    apply_changes,
    sort_for_applying,
)
from src.training.adapter.constants import MAX_CHANGES, MAX_CHARACTERS, REFUSAL_DAYS
from src.training.adapter.context import AdaptationContext, StoredChange, TrainedExercise
from src.training.adapter.progress import break_days, load_progression, restart_lighter
from src.training.adapter.swaps import Swaps, substitute
from src.training.adapter.volume import adjust_volume
from src.training.content import PlanContent, PlannedExercise
from src.vocabulary import ProposalStatus

# The first are kept when there are more changes than a proposal holds.
_PRIORITIES = (
    SWAPS,
    REMOVALS,
    {ChangeRule.RESTART},
    {ChangeRule.DELOAD},
    {ChangeRule.DOUBLE_INCREASE},
    {ChangeRule.LINEAR_INCREASE},
    {ChangeRule.LIFTED},
    VOLUME,
)
_PRIORITY = {rule: number for number, rules in enumerate(_PRIORITIES) for rule in rules}
# Adherence, injuries and exclusions last: these facts do not become new evidence every week.
_LASTING = VOLUME | REMOVALS | {ChangeRule.SWAP_PAIN, ChangeRule.SWAP_EXCLUDED}


@dataclass(frozen=True)
class PlanAdaptation:
    """Changes of a plan's content, in the order they are made; none when it is right as it is."""

    base: PlanContent
    changes: Sequence[ProposedChange]

    @property
    def content(self) -> PlanContent:
        """The plan's content with the changes."""
        return apply_changes(self.base, self.changes)

    def replace_words(self, texts: Sequence[str], substitutes: Mapping[int, UUID]) -> "PlanAdaptation":
        """The same changes in other words; `substitutes`: others of those that were offered, by number of change."""
        return replace(self, changes=list(self._replace_words(texts, substitutes)))

    def _replace_words(self, texts: Sequence[str], substitutes: Mapping[int, UUID]) -> Iterator[ProposedChange]:
        for number, (change, text) in enumerate(zip(self.changes, texts, strict=True)):
            wanted = substitutes.get(number)
            chosen = next((candidate for candidate in change.substitutes if candidate.id == wanted), None)
            if chosen is None:
                yield replace(change, explanation=text)
            else:
                yield substitute(change, PlannedExercise.model_validate(change.before), chosen, text)


def propose(context: AdaptationContext) -> PlanAdaptation:
    """The changes to propose today."""
    changes = [change for change in _changes(context) if not _is_refused(context, change)]
    return PlanAdaptation(context.content, _limit_size(changes))


def _changes(context: AdaptationContext) -> Iterator[ProposedChange]:
    swaps = Swaps(context)
    staying: list[TrainedExercise] = []
    for trained in context.trained:
        change = swaps.swap_or_remove(trained)
        if change is None or _is_refused(context, change):
            staying.append(trained)
        if change is not None:
            yield change
    if break_days(context) is not None:
        yield from filter(None, map(restart_lighter, staying))
        return
    loads = list(filter(None, map(load_progression, staying)))
    yield from loads
    agreed = [change for change in loads if not _is_refused(context, change)]
    yield from adjust_volume(context, _apply_loads(context, staying, agreed))


def _apply_loads(
    context: AdaptationContext, exercises: Iterable[TrainedExercise], changes: Sequence[ProposedChange]
) -> list[TrainedExercise]:
    """The exercises as these changes leave them."""
    content = apply_changes(context.content, changes)
    return [
        replace(trained, planned=content.days[trained.place[0]].exercises[trained.place[1]]) for trained in exercises
    ]


def _is_refused(context: AdaptationContext, change: ProposedChange) -> bool:
    """Whether the person rejected it recently, and no set since is new evidence for it."""
    if change.rule in {ChangeRule.SWAP_PAIN, ChangeRule.REMOVE_PAIN} and context.pain:
        return False  # they have just said that it hurts
    rejected = context.decided_within(ProposalStatus.REJECTED, REFUSAL_DAYS)
    return any(
        earlier.rule == change.rule
        and earlier.exercise_id == change.exercise_id
        and earlier.path == change.path
        and not _is_news(change, earlier)
        for decision in rejected
        for earlier in decision.changes
    )


def _is_news(change: ProposedChange, rejected: StoredChange | ProposedChange) -> bool:
    return change.rule not in _LASTING and not set(change.evidence) <= set(rejected.evidence)


def _limit_size(changes: Iterable[ProposedChange]) -> list[ProposedChange]:
    """As many changes as a proposal holds, by priority; the next proposal takes the rest."""
    kept: list[ProposedChange] = []
    size = 0
    for change in sorted(changes, key=_priority):
        size += len(json.dumps(change.document))
        if len(kept) < MAX_CHANGES and size <= MAX_CHARACTERS:
            kept.append(change)
    return sort_for_applying(sorted(kept, key=lambda change: (change.place, _priority(change))))


def _priority(change: ProposedChange) -> int:
    return _PRIORITY[change.rule]
