"""What the profile and the newest measurements say of the person."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, Field

from src.chat.phrases import say
from src.chat.phrases.formats import day as day_in_words
from src.chat.phrases.formats import listed, number, quantity
from src.chat.tools.tool import Arguments, Receipt, Tool, ToolAnswer
from src.chat.tools.toolbox import Toolbox
from src.chat.tools.values import Quantity, weight
from src.language.language import Language
from src.vocabulary import Equipment, EvidenceKind, ExperienceLevel, Joint, Sport


class ProfileField(StrEnum):
    """What of the profile is asked for."""

    AGE = "age"
    BIRTHDAY = "birthday"
    HEIGHT = "height"
    WEIGHT = "weight"
    LEVEL = "level"
    SPORT = "sport"
    GOALS = "goals"
    EQUIPMENT = "equipment"
    DAYS = "days"
    INJURIES = "injuries"


class ProfileArguments(Arguments):
    """What they want to know of themselves."""

    field: ProfileField | None = Field(None, description="left out, everything that is known")


class _Found(BaseModel):
    field: ProfileField | None
    age: int | None
    birthday: date | None
    height: Quantity | None
    weight: Quantity | None
    level: ExperienceLevel | None
    sport: Sport | None
    goals: list[str]
    equipment: list[Equipment]
    days: int | None
    injuries: list[Joint]


class MyProfile(Tool[ProfileArguments]):
    """The profile, or one field of it."""

    name = "my_profile"
    description = (
        "The person's profile: age, birthday, height, body weight, level, sport, goals, equipment, training days a "
        "week, injured joints; null or empty where they have not said. For 'how old am I', 'what is my goal'."
    )
    Arguments = ProfileArguments

    async def call(self, arguments: ProfileArguments, toolbox: Toolbox, /) -> ToolAnswer:
        body = await toolbox.sources.nutrition.profile()
        profile, unit = toolbox.state.profile, toolbox.asker.weight_unit
        found = _Found(
            field=arguments.field,
            age=body.age,
            birthday=body.date_of_birth,
            height=None if body.height is None else Quantity(value=round(body.height, 2), unit="m"),
            weight=None if body.body_weight is None else weight(body.body_weight, unit, 1),
            level=profile.experience_level,
            sport=profile.sport,
            goals=profile.goals,
            equipment=profile.equipment,
            days=profile.days_per_week,
            injuries=profile.injuries,
        )
        shown = [arguments.field] if arguments.field else list(ProfileField)
        receipts = [
            Receipt(EvidenceKind.PROFILE, toolbox.asker.id, value, field.value)
            for field in shown
            if (value := _value(found, field, toolbox.language)) and field is not ProfileField.BIRTHDAY
        ]
        if found.birthday and ProfileField.BIRTHDAY in shown:
            value = day_in_words(found.birthday, toolbox.language, toolbox.asker.today)
            receipts.append(Receipt(EvidenceKind.PROFILE, toolbox.asker.id, value, ProfileField.BIRTHDAY.value))
        return ToolAnswer(found.model_dump(mode="json"), tuple(receipts))

    def say(self, answer: ToolAnswer, language: Language, /) -> str:
        found = _Found.model_validate(answer.data)
        if found.field is not None:
            return _sentence(found, found.field, language)
        known = [_sentence(found, field, language) for field in ProfileField if _value(found, field, language)]
        return "\n".join(known) if known else say("person.profile_empty", language)


def _sentence(found: _Found, field: ProfileField, language: Language) -> str:
    value = _value(found, field, language)
    if value is None:
        return say(f"person.{field.value}_unknown", language)
    if field is ProfileField.AGE:
        return say("person.age", language, n=found.age or 0)
    if field is ProfileField.DAYS:
        return say("person.days", language, n=found.days or 0)
    return say(f"person.{field.value}", language, value=value)


def _value(found: _Found, field: ProfileField, language: Language) -> str | None:
    read = _VALUES[field]
    return read(found, language) or None


def _number(value: int | None, language: Language) -> str | None:
    return None if value is None else number(value, language)


def _amount(amount: Quantity | None, language: Language) -> str | None:
    return None if amount is None else quantity(amount.value, amount.unit, language)


def _named(topic: str, values: Iterable[StrEnum], language: Language) -> str:
    return listed([say(f"{topic}{value.value}", language) for value in values], language)


_VALUES: Final[Mapping[ProfileField, Callable[[_Found, Language], str | None]]] = {
    ProfileField.AGE: lambda found, language: _number(found.age, language),
    ProfileField.DAYS: lambda found, language: _number(found.days, language),
    ProfileField.BIRTHDAY: lambda found, language: (
        None if found.birthday is None else day_in_words(found.birthday, language, date.max)
    ),
    ProfileField.HEIGHT: lambda found, language: _amount(found.height, language),
    ProfileField.WEIGHT: lambda found, language: _amount(found.weight, language),
    ProfileField.LEVEL: lambda found, language: found.level and say(f"person.level_{found.level.value}", language),
    ProfileField.SPORT: lambda found, language: found.sport and say(f"person.sport_{found.sport.value}", language),
    ProfileField.GOALS: lambda found, language: listed([f"“{goal}”" for goal in found.goals], language),
    ProfileField.EQUIPMENT: lambda found, language: _named("equipment.", found.equipment, language),
    ProfileField.INJURIES: lambda found, language: _named("person.joint_", found.injuries, language),
}
