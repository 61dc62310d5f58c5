"""Facts: what a memory says of the person in words of the profile, so that planning can act on it.

Each field has its operations and its values. private.is_fact() in supabase/schemas/74_facts.sql has the same rules.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationInfo, field_validator

from src.core.schema import BirthDate, CleanText, Flag, JsonNumber, Output, Timezone
from src.vocabulary import (
    Allergen,
    Diet,
    DistanceUnit,
    Equipment,
    ExperienceLevel,
    FactField,
    FactOp,
    InjurySeverity,
    Joint,
    SetSide,
    Sport,
    WeightUnit,
)

_FROZEN: Final = ConfigDict(
    extra="forbid", frozen=True, allow_inf_nan=False, json_schema_serialization_defaults_required=True
)


class Injury(BaseModel):
    """An injured or painful joint; null is what the person has not said."""

    model_config = _FROZEN

    joint: Joint
    side: SetSide | None = None
    since: Annotated[
        str | None,
        Field(
            pattern=r"^(19|20)[0-9]{2}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$",
            description="A year, a month or a day: as exactly as the person said it.",
        ),
    ] = None
    severity: InjurySeverity | None = None


def _in_lower_case(text: str) -> str:
    if text != text.lower():
        raise ValueError("must be in lower case")
    return text


def _is_true(value: bool) -> bool:
    if not value:
        raise ValueError("must be true; what is no longer so is removed")
    return value


_Term = Annotated[str, CleanText(max_length=80), AfterValidator(_in_lower_case)]
_Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=40)]
_ADD_REMOVE: Final = frozenset({FactOp.ADD, FactOp.REMOVE})
_SET_REMOVE: Final = frozenset({FactOp.SET, FactOp.REMOVE})
_SET: Final = frozenset({FactOp.SET})

# The operations and the values of each field. `dislikes` are English words of a food or a family of foods,
# `excluded_exercises` those of an exercise or a family: each exercise that has all of them in a name is meant.
_RULES: Final[Mapping[FactField, tuple[frozenset[FactOp], Any]]] = {
    FactField.ALLERGENS: (_ADD_REMOVE, Allergen),
    FactField.DIET: (_SET_REMOVE, Diet),
    FactField.DISLIKES: (_ADD_REMOVE, _Term),
    FactField.INJURIES: (_ADD_REMOVE, Injury),
    FactField.EXCLUDED_EXERCISES: (_ADD_REMOVE, _Term),
    FactField.EQUIPMENT: (_ADD_REMOVE, Equipment),
    FactField.GOALS: (_ADD_REMOVE, Annotated[str, CleanText(max_length=200)]),
    FactField.DAYS_PER_WEEK: (_SET, Annotated[int, Field(ge=1, le=7), JsonNumber]),
    FactField.SESSION_MINUTES: (_SET, Annotated[int, Field(ge=15, le=180), JsonNumber]),
    FactField.SPORT: (_SET, Sport),
    FactField.EXPERIENCE_LEVEL: (_SET, ExperienceLevel),
    FactField.WEIGHT_UNIT: (_SET, WeightUnit),
    FactField.DISTANCE_UNIT: (_SET, DistanceUnit),
    FactField.TIMEZONE: (_SET, Timezone),
    FactField.DATE_OF_BIRTH: (_SET, Annotated[BirthDate, AfterValidator(date.isoformat)]),
    FactField.HEIGHT: (_SET, Annotated[float, Field(ge=0.5, le=2.6), JsonNumber]),
    FactField.BODY_WEIGHT: (_SET, Annotated[float, Field(ge=20, le=500), JsonNumber]),
    FactField.PREGNANCY: (_SET_REMOVE, Annotated[Flag, AfterValidator(_is_true)]),
    FactField.CONDITIONS: (_ADD_REMOVE, _Slug),
    FactField.MEDICATION: (_ADD_REMOVE, Annotated[str, CleanText(max_length=120)]),
    FactField.AGE: (_SET, Annotated[int, Field(ge=1, le=120), JsonNumber]),
    FactField.RESIDENCE: (_SET, Annotated[str, CleanText(max_length=120)]),
    FactField.WORK: (_SET, Annotated[str, CleanText(max_length=120)]),
}
_VALUES: Final = {field: TypeAdapter[Any](value) for field, (_, value) in _RULES.items()}

SAFETY_FIELDS: Final = frozenset({FactField.ALLERGENS, FactField.DIET, FactField.INJURIES})
"""What constrains planning from the moment it is said, whether or not it is applied to the profile."""

CAREFUL_FIELDS: Final = frozenset({FactField.PREGNANCY, FactField.CONDITIONS, FactField.MEDICATION})
"""What the profile has no place for and planning must know of: it leads to the careful path."""

OFFERED_FIELDS: Final = frozenset(FactField) - CAREFUL_FIELDS - {FactField.AGE, FactField.RESIDENCE, FactField.WORK}
"""What the profile has a place for: offered as unconfirmed until it is applied or declined."""


FactValue = bool | int | float | str | Injury
"""Anything that a fact of some field has as its value."""


class StoredFact(Output):
    """What a memory says of one field: a member to add or remove, or a value to set. `remove` retracts it."""

    # As SQL has checked it: what is stored must be shown, whatever this version would take.
    field: FactField
    op: FactOp
    value: FactValue


class Fact(BaseModel):
    """A fact to learn, with an operation and a value of its field."""

    model_config = _FROZEN

    field: FactField
    op: FactOp
    value: FactValue

    @field_validator("op")
    @classmethod
    def _is_of_field(cls, op: FactOp, info: ValidationInfo) -> FactOp:
        field = info.data.get("field")
        if field is not None and op not in _RULES[field][0]:
            raise ValueError(f"must be one of {', '.join(sorted(_RULES[field][0]))} for {field}")
        return op

    @field_validator("value", mode="wrap")
    @classmethod
    def _as_of_field(cls, value: object, handler: Any, info: ValidationInfo) -> Any:
        field = info.data.get("field")
        return handler(value) if field is None else _VALUES[field].validate_python(value)
