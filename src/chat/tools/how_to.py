"""How an exercise is done: the instructions of the library, or the person's own."""

from typing import Final

from pydantic import BaseModel

from src.chat.phrases import say
from src.chat.phrases.formats import listed
from src.chat.tools.exercise_names import find_exercise, say_unknown, unknown_exercise
from src.chat.tools.last_time import ExerciseArguments
from src.chat.tools.tool import Receipt, Tool, ToolAnswer
from src.chat.tools.toolbox import Toolbox
from src.chat.tools.wording import word
from src.language.language import Language
from src.vocabulary import Equipment, EvidenceKind, Joint, Muscle

_NOTHING: Final = [Equipment.BODYWEIGHT]


class _Found(BaseModel):
    """`loads_hurt`: joints that it loads although the person has hurt them."""

    exercise: str
    is_custom: bool
    instructions: str
    muscles: list[Muscle]
    equipment: list[Equipment]
    loads_hurt: list[Joint]


class HowTo(Tool[ExerciseArguments]):
    """Instructions of an exercise."""

    name = "how_to"
    description = (
        "How an exercise is done: instructions, the muscles it trains, the equipment it needs, and whether it loads a "
        "joint that the person has hurt. For 'how do I do a Romanian deadlift', 'what does a face pull train'."
    )
    Arguments = ExerciseArguments

    async def call(self, arguments: ExerciseArguments, toolbox: Toolbox, /) -> ToolAnswer:
        exercise = await find_exercise(arguments.exercise, toolbox)
        if exercise is None:
            return unknown_exercise(arguments.exercise)
        injuries = toolbox.state.profile.injuries
        found = _Found(
            exercise=exercise.name,
            is_custom=exercise.is_custom,
            instructions=exercise.instructions.strip(),
            muscles=exercise.primary_muscles,
            equipment=exercise.equipment,
            loads_hurt=[joint for joint in exercise.contraindications if joint in injuries],
        )
        receipt = Receipt(EvidenceKind.EXERCISE, exercise.id, exercise.name, exercise.name)
        return ToolAnswer(found.model_dump(mode="json"), (receipt,))

    def say(self, answer: ToolAnswer, language: Language, /) -> str:
        if unknown := say_unknown(answer, language):
            return unknown
        found = _Found.model_validate(answer.data)
        muscles = listed([word(muscle, language) for muscle in found.muscles], language)
        parts = [say("how_to.trains", language, exercise=found.exercise, muscles=muscles)]
        if found.equipment != _NOTHING:
            needed = listed([word(item, language) for item in found.equipment], language)
            parts.append(say("how_to.needs", language, equipment=needed))
        if found.loads_hurt:
            joints = listed([word(joint, language) for joint in found.loads_hurt], language)
            parts.append(say("how_to.careful", language, joints=joints))
        return f"{' '.join(parts)}\n{_instructions(found, language)}"


def _instructions(found: _Found, language: Language) -> str:
    if not found.instructions:
        return say("how_to.none_of_own" if found.is_custom else "how_to.none", language)
    if found.is_custom:
        return found.instructions
    return say("how_to.instructions", language, instructions=found.instructions)
