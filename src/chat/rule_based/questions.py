"""A question as a companion without a model reads it: what it names, and from that the arguments of a tool."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from src.chat.intents.catalogue import EXERCISE_MARK, FOOD_MARK
from src.chat.intents.spelling import written_out
from src.chat.rule_based.named import (
    food_in,
    goal_in,
    kinds_in,
    known_food_in,
    minutes_in,
    muscle_in,
    profile_field_in,
)
from src.chat.tools.exercise_names import exercise_finder
from src.chat.tools.tool import Tool
from src.chat.tools.toolbox import Toolbox
from src.language.meal_slots import named_slot
from src.language.periods import Period, find_period, names_weekday
from src.language.phrase_finder import Found, finder

_QUESTION: Final = re.compile(
    r"[?¿]|^\W*(what|when|which|who|where|why|how|do|did|does|am|is|are|can|could|should|may|show|tell|give|list|explain"
    r"|was|wann|welche\w*|wer|wo|warum|wie|darf|kann|soll\w*|zeig|gib|hab|habe|bin|ist|sind|erklär\w*"
    r"|qué|que|cuándo|cuando|cuál|cual|quién|dónde|cómo|como|cuánt\w*|cuant\w*|puedo|debo|dame|dime|muéstrame|explíca\w*"
    r"|hva|når|hvilke\w*|hvem|hvor\w*|hvordan|kan|får|bør|skal|er|har|vis|gi|si|forklar)\b",
    re.IGNORECASE,
)

_CLAUSES: Final = re.compile(r"\s*[,;\n]\s*(?:and|but|so|und|aber|also|y|pero|og|men|så)?\b\s*", re.IGNORECASE)
_ASKS_FOR: Final = re.compile(
    r"^\W*(any(thing)?|some(thing)?|alternativ\w*|irgendwas|etwas anderes|was anderes|alg(o|una?|ún)|otra cosa"
    r"|swap|replace|change|tausch\w*|ersetz\w*|cambia\w*|bytt\w*"
    r"|noe( annet)?)\b",
    re.IGNORECASE,
)

# The tool that answers an intent.
ASKED: Final[Mapping[str, str]] = {
    "next_session": "next_session",
    "next_deload": "next_deload",
    "exercise_progress": "exercise_progress",
    "exercise_records": "exercise_records",
    "last_time": "last_time",
    "training_on": "training_log",
    "training_calendar": "training_calendar",
    "training_summary": "training_summary",
    "training_volume": "muscle_volume",
    "exercise_guide": "how_to",
    "exercise_substitutes": "substitutes",
    "short_session": "short_session",
    "affinity": "affinity",
    "open_proposal": "open_proposal",
    "nutrition_targets": "nutrition_targets",
    "todays_meals": "meals_of_day",
    "may_i_eat": "may_i_eat",
    "grocery_list": "grocery_list",
    "about_me": "about_me",
    "my_profile": "my_profile",
    "body_weight": "body_weight",
}


def is_question(text: str) -> bool:
    """Whether it asks something."""
    return _QUESTION.search(text) is not None


def asks(text: str) -> bool:
    """Whether a part of it asks something, with or without a question mark."""
    return any(map(_begins_to_ask, _CLAUSES.split(text)))


def asks_too(sentence: str) -> bool:
    """Whether a sentence that tells something asks too: "My wrist hurts, anything instead?"."""
    first, *rest = _CLAUSES.split(sentence)
    return _ASKS_FOR.search(first) is not None or any(map(_begins_to_ask, rest))


def _begins_to_ask(clause: str) -> bool:
    return is_question(clause) or _ASKS_FOR.search(clause) is not None


@dataclass(frozen=True)
class Question:
    """What is asked, and what it names. `marked` has marks in the place of the exercise and the food."""

    text: str
    whole: str
    marked: str
    toolbox: Toolbox
    exercise: str | None
    food: str | None
    period: Period | None
    # "My wrist hurts in push-ups. Anything instead?" names the exercise before it asks.
    exercise_nearby: str | None = None

    @property
    def names_body(self) -> bool:
        """Whether it names a part of the body."""
        return finder("body", self.toolbox.language).find(self.text) is not None

    @classmethod
    async def read(cls, text: str, whole: str, toolbox: Toolbox) -> "Question":
        """Reads a question. `whole`: the message that it is part of, which may say what hurts."""
        language = toolbox.language
        text = written_out(text, language)
        exercises = await exercise_finder(toolbox)
        exercise = exercises.find(text)
        dish = known_food_in(text, language)
        if exercise and dish and len(dish.words) > len(exercise.words) and _overlap(dish, exercise):
            exercise = None  # pad thai is no pad work
        food = None if exercise else dish or food_in(text, language)
        nearby = None if whole == text else exercises.find(whole)
        marked = text
        if exercise is not None:
            marked = exercise.replaced(text, EXERCISE_MARK)
        elif food is not None:
            marked = food.replaced(text, FOOD_MARK)
        return cls(
            text,
            whole,
            marked,
            toolbox,
            None if exercise is None else exercise.value,
            None if food is None else food.words,
            find_period(text, language, toolbox.asker.today),
            None if nearby is None else nearby.value,
        )

    def arguments(self, tool: Tool[Any]) -> BaseModel | None:
        """What the tool is asked with; None when something that it needs is not named."""
        found = {name: value for name in tool.Arguments.model_fields if (value := self._named(name))}
        exercise = tool.Arguments.model_fields.get("exercise")
        if exercise is not None and exercise.is_required() and self.exercise_nearby:
            found.setdefault("exercise", self.exercise_nearby)
        if tool.name == "training_log" and not found:
            # "How was my last workout?" names no day.
            last = self.toolbox.asker.last_trained_on or self.toolbox.today
            found = {"first_day": last, "last_day": last}
        try:
            arguments: BaseModel = tool.Arguments.model_validate(found)
        except ValidationError:
            return None
        return arguments

    def _named(self, name: str) -> Any:
        reader = _READERS.get(name)
        return None if reader is None else reader(self)


def _overlap(one: Found, other: Found) -> bool:
    return one.start < other.end and other.start < one.end


def _day_to_come(question: Question) -> date | None:
    """A weekday is the next one where it is about what is planned."""
    if question.period is None:
        return None
    on, today = question.period.first, question.toolbox.asker.today
    is_weekday = on < today and names_weekday(question.text, question.toolbox.language)
    return on + timedelta(days=7) if is_weekday and today - on <= timedelta(days=7) else on


def _joints(question: Question) -> list[str]:
    found = finder("body", question.toolbox.language).find_all(question.whole)
    return [joint for joint in dict.fromkeys(body.value for body in found) if joint != "-"]


def _equipment(question: Question) -> list[str]:
    return list(
        dict.fromkeys(item.value for item in finder("equipment", question.toolbox.language).find_all(question.text))
    )


_READERS: Final[Mapping[str, Callable[[Question], Any]]] = {
    "exercise": lambda question: question.exercise,
    "food": lambda question: question.food,
    "first_day": lambda question: question.period and question.period.first,
    "last_day": lambda question: question.period and question.period.last,
    "since": lambda question: question.period and question.period.first,
    "on": _day_to_come,
    "minutes": lambda question: minutes_in(question.text),
    "slot": lambda question: named_slot(question.text),
    "goal": lambda question: goal_in(question.text),
    "field": lambda question: profile_field_in(question.text),
    "kinds": lambda question: kinds_in(question.text),
    "muscle": lambda question: muscle_in(question.text),
    "hurts": _joints,
    "equipment": _equipment,
}
