"""The companion's tools, asked as a turn on the real stack asks them, and what must hold for every answer."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from src.affinity.repository import AffinityRepository
from src.chat.repository import ChatRepository
from src.chat.state import ToAnswer
from src.chat.tools.registry import TOOLS
from src.chat.tools.tool import ToolAnswer
from src.chat.tools.toolbox import Toolbox, ToolSources
from src.core.auth import Principal
from src.core.gateway import UserGateway
from src.core.trace import Trace
from src.exercises.repository import ExerciseRepository
from src.exercises.service import ExerciseService
from src.foods.repository import FoodRepository
from src.foods.service import FoodService
from src.language.language import Language
from src.measurements.repository import MeasurementRepository
from src.memories.repository import MemoryRepository
from src.nutrition.repository import NutritionRepository
from src.plans.repository import MealPlanRepository, WorkoutPlanRepository
from src.stats.repository import StatsRepository
from src.training.repository import TrainingRepository
from src.workouts.repository import WorkoutRepository
from tests.support.api import Api
from tests.support.people import Person

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Asked:
    """What a tool answered in a turn, and how it is said."""

    answer: ToolAnswer
    text: str

    @property
    def data(self) -> dict[str, Any]:
        return self.answer.data

    @property
    def values(self) -> set[str]:
        """The numbers of the receipts."""
        return {plain(receipt.value) for receipt in self.answer.receipts}

    @property
    def actions(self) -> list[dict[str, Any]]:
        return [action.model_dump(mode="json") for action in self.answer.actions]


def plain(text: str) -> str:
    """A text as it is typed: with plain spaces, and x for times."""
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{MULTIPLICATION SIGN}", "x")


async def open_toolbox(api: Api, person: Person, language: Language = Language.EN) -> Toolbox:
    """The toolbox of a turn that this person begins now."""
    principal = Principal(UUID(person.id), None, "authenticated", "aal1", None, False, 0, person.token)
    gateway = UserGateway(api.state["rest"], api.state["settings"], principal, Trace(None))
    turn = await ChatRepository(gateway).begin(uuid4(), "Hello", language)
    assert isinstance(turn, ToAnswer)
    sources = ToolSources(
        principal=principal,
        workouts=WorkoutRepository(gateway),
        stats=StatsRepository(gateway),
        plans=WorkoutPlanRepository(gateway),
        exercises=ExerciseService(ExerciseRepository(gateway), api.state["exercise_library"]),
        affinity=AffinityRepository(gateway),
        training=TrainingRepository(gateway),
        meal_plans=MealPlanRepository(gateway),
        nutrition=NutritionRepository(gateway),
        foods=FoodService(FoodRepository(gateway), api.state["food_library"]),
        memories=MemoryRepository(gateway),
        measurements=MeasurementRepository(gateway),
    )
    return sources.open(turn.context, language)


def speaking(toolbox: Toolbox, language: Language) -> Toolbox:
    """The same toolbox for a turn in another language."""
    return Toolbox(replace(toolbox.asker, language=language), toolbox.sources, toolbox.state)


async def ask(toolbox: Toolbox, name: str, **arguments: Any) -> Asked:
    """Calls a tool, and checks that every number that it says is backed."""
    tool = TOOLS[name]
    answer = await tool.call(tool.Arguments.model_validate(arguments), toolbox)
    text = tool.say(answer, toolbox.language)
    assert_backed(answer, text)
    return Asked(answer, plain(text))


async def ask_in_each_language(toolbox: Toolbox, name: str, **arguments: Any) -> dict[Language, Asked]:
    """Calls a tool in every language."""
    return {language: await ask(speaking(toolbox, language), name, **arguments) for language in Language}


def assert_backed(answer: ToolAnswer, text: str) -> None:
    """Every number that is said stands in a receipt or in a name, and every receipt is of something that is said."""
    backed = {number for receipt in answer.receipts for number in _NUMBER.findall(receipt.value)}
    named = {number for name in _names(answer.data) for number in _NUMBER.findall(name)}
    assert [number for number in _NUMBER.findall(text) if number not in backed | named] == []
    assert [receipt.value for receipt in answer.receipts if receipt.value not in text] == []


def _names(data: Any) -> Iterator[str]:
    """The texts of a document that are no dates."""
    if isinstance(data, str) and not _DATE.search(data):
        yield data
    elif isinstance(data, dict):
        yield from (name for value in data.values() for name in _names(value))
    elif isinstance(data, list):
        yield from (name for value in data for name in _names(value))
