"""What is proposed for the active plan, and what it would change."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from src.chat.phrases import say
from src.chat.phrases.formats import number
from src.chat.schemas import AcceptProposal, AdaptPlan, GeneratePlan
from src.chat.tools.tool import NoArguments, Receipt, Tool, ToolAnswer
from src.chat.tools.toolbox import Asker, Toolbox
from src.chat.tools.values import Quantity, weight
from src.core.documents import parse_document
from src.language.language import Language
from src.plans.proposals import OpenProposal, PlanChange
from src.training.adapter.changes import ChangedPart, ChangeRule
from src.vocabulary import EvidenceKind, SetType

_MAX_SHOWN = 8


class Change(BaseModel):
    """A change, and the rule that makes it. Of loads the lightest and the heaviest; `takes_its_place`: of a swap."""

    rule: ChangeRule
    exercise: str
    takes_its_place: str | None = None
    loads_before: list[Quantity] = []
    loads_after: list[Quantity] = []
    sets_before: int | None = None
    sets_after: int | None = None


class _Found(BaseModel):
    plan: str | None
    changes: list[Change]


class OpenPlanProposal(Tool[NoArguments]):
    """The open proposal."""

    name = "open_proposal"
    description = (
        "Whether changes are proposed for the active plan and wait for the person's decision, what each would change, "
        "and why. For 'is there a proposal', 'what do you want to change in my plan'. No changes: nothing is proposed."
    )
    Arguments = NoArguments

    async def call(self, _: NoArguments, toolbox: Toolbox, /) -> ToolAnswer:
        plan = toolbox.state.plan
        if plan is None:
            nothing = _Found(plan=None, changes=[])
            return ToolAnswer(nothing.model_dump(mode="json"), (), (GeneratePlan(kind="generate_plan"),))
        rows = await toolbox.sources.plans.open_proposal(plan.id)
        if not rows:
            found = _Found(plan=plan.name, changes=[])
            return ToolAnswer(found.model_dump(mode="json"), (), (AdaptPlan(kind="adapt_plan", plan_id=plan.id),))
        proposal = parse_document(OpenProposal.model_validate, rows[0])
        names = await toolbox.sources.exercises.names(_exercise_ids(proposal.changes))
        found = _Found(plan=plan.name, changes=[_change(change, names, toolbox.asker) for change in proposal.changes])
        accept = AcceptProposal(kind="accept_proposal", plan_id=plan.id, proposal_id=proposal.id)
        return ToolAnswer(found.model_dump(mode="json"), _receipts(found, plan.id, toolbox.language), (accept,))

    def say(self, answer: ToolAnswer, language: Language, /) -> str:
        found = _Found.model_validate(answer.data)
        if found.plan is None:
            return say("proposal.no_plan", language)
        if not found.changes:
            return say("proposal.none", language, plan=found.plan)
        shown = found.changes[:_MAX_SHOWN]
        lines = [say("proposal.title", language, n=len(found.changes), plan=found.plan)]
        lines += [_line(change, language) for change in shown]
        more = len(found.changes) - len(shown)
        return "\n".join([*lines, *([say("proposal.more", language, n=more)] if more else [])])


def _exercise_ids(changes: Sequence[PlanChange]) -> set[UUID]:
    ids = {change.exercise_id for change in changes}
    return ids | {
        UUID(change.to["exercise_id"]) for change in changes if _is_of(change, ChangedPart.EXERCISE) and change.to
    }


def _is_of(change: PlanChange, part: ChangedPart) -> bool:
    """Whether the change is of this part of an exercise: all of it, its sets, or their loads."""
    ending = change.path.rpartition("/exercises/")[2].partition("/")[2]
    return ending == part.value.lstrip("/")


def _change(change: PlanChange, names: Mapping[UUID, str], asker: Asker) -> Change:
    found = Change(rule=ChangeRule(change.rule), exercise=names.get(change.exercise_id, ""))
    if _is_of(change, ChangedPart.LOADS):
        return found.model_copy(
            update={"loads_before": _loads(change.from_, asker), "loads_after": _loads(change.to, asker)}
        )
    if _is_of(change, ChangedPart.SETS):
        return found.model_copy(update={"sets_before": _work_sets(change.from_), "sets_after": _work_sets(change.to)})
    substitute = None if change.to is None else names.get(UUID(change.to["exercise_id"]))
    return found.model_copy(update={"takes_its_place": substitute})


def _loads(kg: list[float | None], asker: Asker) -> list[Quantity]:
    known = sorted({load for load in kg if load is not None})
    return [weight(load, asker.weight_unit) for load in dict.fromkeys(known[:1] + known[-1:])]


def _work_sets(sets: list[dict[str, Any]]) -> int:
    return sum(planned["set_type"] != SetType.WARMUP for planned in sets)


def _line(change: Change, language: Language) -> str:
    why = say(f"proposal.why_{change.rule.replace('.', '_')}", language)
    what = _what(change, language)
    return say("proposal.line", language, exercise=change.exercise, what=what, why=why)


def _what(change: Change, language: Language) -> str:
    if change.takes_its_place is not None:
        return say("proposal.swap", language, exercise=change.takes_its_place)
    if change.sets_before is not None and change.sets_after is not None:
        return say("proposal.sets", language, before=change.sets_before, n=change.sets_after)
    after = _range(change.loads_after, language)
    if change.loads_before:
        return say("proposal.load", language, before=_range(change.loads_before, language), after=after)
    return say("proposal.first_load", language, after=after) if after else say("proposal.removed", language)


def _range(loads: Sequence[Quantity], language: Language) -> str:
    ends = [load.words(language) for load in loads]
    return "\N{EN DASH}".join(ends) if len(ends) < 2 else say("words.from_to", language, first=ends[0], last=ends[-1])


def _receipts(found: _Found, plan_id: UUID, language: Language) -> tuple[Receipt, ...]:
    more = len(found.changes) - _MAX_SHOWN
    counts = [len(found.changes)] + ([more] if more > 0 else [])
    values = [number(count, language) for count in counts]
    values += [_what(change, language) for change in found.changes[:_MAX_SHOWN]]
    return tuple(Receipt(EvidenceKind.PLAN, plan_id, value, found.plan or "") for value in dict.fromkeys(values))
