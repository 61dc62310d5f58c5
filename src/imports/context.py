"""What importing a file needs to know of the person, as public.import_context() answers."""

from collections.abc import Set
from datetime import date

from src.core.documents import Document
from src.exercises.kinds import RULES, load_field
from src.vocabulary import DistanceUnit, Equipment, ExerciseKind, WeightUnit


class KnownExercise(Document):
    """An exercise that a name can mean: the library's, or the person's own (without a `slug`)."""

    id: str
    slug: str | None
    name: str
    aliases: list[str]
    kind: ExerciseKind
    equipment: list[Equipment]

    @property
    def labels(self) -> tuple[str, ...]:
        """What it is called."""
        return (self.name, *self.aliases)

    def holds(self, fields: Set[str]) -> bool:
        """Whether its sets can have all of these fields of an ImportedSet."""
        return holds(self.kind, fields)


class BodyWeight(Document):
    """A measured body weight."""

    on: date
    kg: float


class ImportContext(Document):
    """The person's units and time zone, the exercises they can use, and what they weighed, oldest first.

    `deleted_exercises`, newest first, come back with a workout that needs them. `has_imports`: of workouts.
    """

    timezone: str
    weight_unit: WeightUnit
    distance_unit: DistanceUnit
    exercises: list[KnownExercise]
    body_weights: list[BodyWeight]
    deleted_exercises: list[KnownExercise] = []
    has_imports: bool = False


def holds(kind: ExerciseKind, fields: Set[str]) -> bool:
    """Whether a set of the kind can have all of these fields of an ImportedSet, and needs no other.

    A missing weight is none: an empty bar, or a machine without its pin.
    """
    logged, load = RULES[kind].logged, load_field(kind)
    named = {load if field == "weight" else field for field in fields}
    return logged.hold(named | ({load} & logged.required))
