"""What can be done instead of an exercise: with the person's equipment, and sparing what hurts."""

from collections.abc import Iterable

from pydantic import BaseModel, Field

from src.chat.phrases import say
from src.chat.phrases.formats import listed
from src.chat.schemas import Action, AdaptPlan
from src.chat.tools.exercise_names import find_exercise, say_unknown, unknown_exercise
from src.chat.tools.tool import Arguments, Receipt, Tool, ToolAnswer
from src.chat.tools.toolbox import Toolbox
from src.chat.tools.wording import word
from src.exercises.kinds import alike
from src.language.language import Language
from src.training.candidates import Candidate, rank_related, rank_substitutes
from src.training.repository import SubstituteState
from src.training.volume import has_hard_sets
from src.vocabulary import Equipment, EvidenceKind, Joint

_MAX_SHOWN = 4


class SubstituteArguments(Arguments):
    exercise: str = Field(max_length=100, description="Name of the exercise to replace, as the person says it.")
    hurts: list[Joint] = Field([], max_length=9, description="Joints to spare, if something hurts.")
    equipment: list[Equipment] = Field(
        [], max_length=26, description="What the person has at hand now; empty for all that their profile names."
    )


class Substitute(BaseModel):
    name: str
    equipment: list[Equipment]


class _Found(BaseModel):
    exercise: str
    hurts: list[Joint]
    substitutes: list[Substitute]
    trains_the_same: bool


class ExerciseSubstitutes(Tool[SubstituteArguments]):
    """Exercises that train the same."""

    name = "substitutes"
    description = (
        "Exercises that can stand in for another one: they train the same muscles, need only the person's equipment, "
        "suit their level, and spare their injuries and the joints that hurt. For 'what can I do instead of overhead "
        "press, my shoulder hurts', 'the leg press is taken'."
    )
    Arguments = SubstituteArguments

    async def call(self, arguments: SubstituteArguments, toolbox: Toolbox, /) -> ToolAnswer:
        exercise = await find_exercise(arguments.exercise, toolbox)
        if exercise is None:
            return unknown_exercise(arguments.exercise)
        known = await toolbox.sources.training.substitutes(exercise.id)
        same, related = _choose(known, arguments)
        chosen = (same or related)[:_MAX_SHOWN]
        found = _Found(
            exercise=exercise.name,
            hurts=arguments.hurts,
            substitutes=[Substitute(name=other.name, equipment=sorted(other.equipment)) for other in chosen],
            trains_the_same=bool(same),
        )
        receipts = tuple(Receipt(EvidenceKind.EXERCISE, other.id, other.name, other.name) for other in chosen)
        return ToolAnswer(found.model_dump(mode="json"), receipts, _actions(exercise.name, arguments.hurts, toolbox))

    def say(self, answer: ToolAnswer, language: Language, /) -> str:
        if unknown := say_unknown(answer, language):
            return unknown
        found = _Found.model_validate(answer.data)
        joints = listed([word(joint, language) for joint in found.hurts], language)
        lines = [_line(substitute, language) for substitute in found.substitutes]
        title = say(_title(found), language, exercise=found.exercise, joints=joints)
        advice = [say("substitutes.pain", language)] if found.hurts else []
        return "\n".join([title, *lines, *advice])


def _choose(known: SubstituteState, arguments: SubstituteArguments) -> tuple[list[Candidate], list[Candidate]]:
    """What trains the same, and what trains only a part of it, the best first."""
    exercise = known.exercise
    fitting = [
        candidate
        for candidate in known.candidates
        if candidate.contraindications.isdisjoint(arguments.hurts)
        and candidate.kind in alike(exercise.kind)
        and has_hard_sets(candidate) == has_hard_sets(exercise)
        and _is_at_hand(candidate, arguments.equipment)
    ]
    same = rank_substitutes(exercise, fitting)
    if arguments.hurts and exercise.is_compound:
        # What moves nothing but the joint that hurts is training for it, not a way around it.
        same = [candidate for candidate in same if candidate.is_compound]
    return same, rank_related(exercise, fitting)


def _is_at_hand(candidate: Candidate, equipment: Iterable[Equipment]) -> bool:
    at_hand = {*equipment}
    return not at_hand or candidate.equipment <= at_hand | {Equipment.BODYWEIGHT}


def _actions(name: str, hurts: list[Joint], toolbox: Toolbox) -> tuple[Action, ...]:
    """To change the plan, where it has the exercise and something hurts."""
    plan = toolbox.state.plan
    if plan is None or not hurts or not any(name in day.exercises for day in plan.days):
        return ()
    return (AdaptPlan(kind="adapt_plan", plan_id=plan.id, body={"pain": [joint.value for joint in hurts]}),)


def _title(found: _Found) -> str:
    found_what = "none" if not found.substitutes else "same" if found.trains_the_same else "related"
    return f"substitutes.{found_what}_sparing" if found.hurts else f"substitutes.{found_what}"


def _line(substitute: Substitute, language: Language) -> str:
    if substitute.equipment == [Equipment.BODYWEIGHT]:
        return say("substitutes.line_without_equipment", language, exercise=substitute.name)
    needed = listed([word(item, language) for item in substitute.equipment], language)
    return say("substitutes.line", language, exercise=substitute.name, equipment=needed)
