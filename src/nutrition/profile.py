"""What targets are computed from: a person's body, as far as they have said and measured it."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, Self

from src.core.documents import Document
from src.core.errors import FieldError, ValidationFailed
from src.nutrition import constants as c
from src.vocabulary import ActivityLevel, Sex


class Body(NamedTuple):
    """What targets are computed from: full years, kg and metres."""

    sex: Sex
    age: int
    weight_kg: float
    height_m: float
    activity: ActivityLevel

    @property
    def bmi(self) -> float:
        """kg/m²."""
        return self.weight_kg / self.height_m**2

    @property
    def is_growing(self) -> bool:
        """Younger than 18."""
        return self.age < c.ADULT_AGE


class MissingNutritionData(ValidationFailed):
    """A person has not said or measured enough to compute targets; `errors` names what is missing."""

    default_detail = "Your profile and measurements do not say enough to compute targets."

    @property
    def places(self) -> str:
        """The missing data, as people read it."""
        return ", ".join(" ".join(map(str, error["loc"])) for error in self.errors)


class CarefulReason(Document):
    """Why no formula computes what somebody needs: `kind` is pregnancy or eating_disorder, `message` tells them."""

    kind: str
    message: str


class NotComputed(ValidationFailed):
    """Targets are not computed for this person, who may set energy and protein themselves."""

    @classmethod
    def because(cls, reason: CarefulReason) -> Self:
        """As private.require_nutrition_data() refuses it."""
        message = "no targets are computed; enter energy and protein yourself"
        return cls(reason.message, errors=[{"loc": ["memories", reason.kind], "message": message, "type": reason.kind}])


class NutritionProfile(Document):
    """What `private.nutrition_profile` returns: null where a person has not said or measured it."""

    sex: Sex | None
    date_of_birth: date | None
    age: int | None
    activity_level: ActivityLevel | None
    body_weight: float | None
    height: float | None
    careful: CarefulReason | None = None

    @property
    def is_growing(self) -> bool:
        """Known to be younger than 18."""
        return self.age is not None and self.age < c.ADULT_AGE

    def body(self) -> Body:
        """Raises MissingNutritionData: no number is invented."""
        match self:
            case NutritionProfile(
                sex=Sex() as sex,
                date_of_birth=date(),
                age=int() as age,
                activity_level=ActivityLevel() as activity,
                body_weight=float() as weight_kg,
                height=float() as height_m,
            ) if age >= c.MIN_AGE:
                return Body(sex, age, weight_kg, height_m, activity)
        raise MissingNutritionData(errors=self._errors())

    def _errors(self) -> Sequence[FieldError]:
        # The same errors as private.require_nutrition_data() raises when a plan is requested.
        values = {
            ("profile", "sex"): self.sex,
            ("profile", "date_of_birth"): self.date_of_birth and self.age,
            ("profile", "activity_level"): self.activity_level,
            ("measurements", "body_weight"): self.body_weight,
            ("measurements", "height"): self.height,
        }
        errors: list[FieldError] = [
            {"loc": [*place], "message": "is needed to compute targets", "type": "missing"}
            for place, value in values.items()
            if value is None
        ]
        if self.age is not None and self.age < c.MIN_AGE:
            message = f"targets are computed from {c.MIN_AGE} years on"
            errors.append({"loc": ["profile", "date_of_birth"], "message": message, "type": "value_error"})
        return errors
