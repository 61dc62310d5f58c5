"""Which exercise each set of a file becomes one of: one of that name that can hold what was recorded."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from src.imports.body_weight import BodyLoads
from src.imports.context import KnownExercise, holds
from src.imports.matching import ExerciseMatcher, infer_kind
from src.imports.values import MAX_NAME
from src.imports.workouts import ImportedSet, ImportedWorkout
from src.vocabulary import ExerciseKind

_TOLD_IN = {
    ExerciseKind.WEIGHT_REPS: "weight and reps",
    ExerciseKind.REPS: "reps",
    ExerciseKind.BODYWEIGHT_REPS: "bodyweight",
    ExerciseKind.ASSISTED: "assisted",
    ExerciseKind.DURATION: "time",
    ExerciseKind.WEIGHT_DURATION: "weight and time",
    ExerciseKind.DISTANCE_DURATION: "distance",
}
Fields = frozenset[str]
MAX_NAMES = 4
"""How often exercises are added: what is left is of names that others have, in kinds that cannot hold the sets."""
_Groups = dict[Fields, list[ImportedSet]]


@dataclass(frozen=True)
class MissingExercise:
    """An exercise to be added, for the sets of a name that have these fields.

    `others`: how many exercises have its name already; then its own says what it is told in.
    """

    name_in_file: str
    kind: ExerciseKind
    groups: Mapping[Fields, Sequence[ImportedSet]]
    others: int

    @property
    def name(self) -> str:
        """What it will be called."""
        if not self.others:
            return self.name_in_file
        number = f" {self.others}" if self.others > 1 else ""
        words = f" ({_TOLD_IN[self.kind]}{number})"
        return self.name_in_file[: MAX_NAME - len(words)].strip() + words


def own_exercise_id(user_id: str, name: str) -> str:
    """The id of an exercise that an import adds: the same each time, so that it is known again."""
    return str(uuid5(UUID(user_id), f"exercise {name.casefold()}"))


class ExerciseChoices:
    """Sets of one name may become sets of several exercises: a plank that was once counted is no hold."""

    def __init__(self, matcher: ExerciseMatcher, bodies: BodyLoads) -> None:
        self._matcher = matcher
        self._bodies = bodies
        self._chosen: dict[tuple[str, Fields], KnownExercise] = {}
        self._refused: dict[tuple[str, Fields], str] = {}

    def choose(self, workouts: Iterable[ImportedWorkout]) -> list[MissingExercise]:
        """Chooses for every set, and answers the exercises that are missing for the others."""
        names: defaultdict[str, _Groups] = defaultdict(dict)
        for workout in workouts:
            for imported_set in workout.sets:
                groups = names[imported_set.exercise.casefold()]
                groups.setdefault(imported_set.fields, []).append(imported_set)
        return [missing for name, groups in names.items() for missing in self._choose_for(name, groups)]

    def add(self, missing: MissingExercise, exercise: KnownExercise) -> list[MissingExercise]:
        """Takes an added exercise for its sets; one that was there may be of another kind, and then some are left."""
        left = {}
        for fields, sets in missing.groups.items():
            if exercise.holds(fields):
                self._chosen[missing.name_in_file.casefold(), fields] = exercise
            else:
                left[fields] = list(sets)
        return list(self._missing(missing.name_in_file, left, missing.others + 1))

    def refuse(self, missing: MissingExercise, reason: str) -> None:
        """Keeps why an exercise could not be added."""
        for fields in missing.groups:
            self._refused[missing.name_in_file.casefold(), fields] = reason

    def why_not(self, imported_set: ImportedSet) -> str:
        """Why a set has no exercise."""
        reason = self._refused.get((imported_set.exercise.casefold(), imported_set.fields))
        return f"the exercise could not be added: {reason}" if reason else "the exercise could not be added"

    def exercise_of(self, imported_set: ImportedSet) -> KnownExercise | None:
        """The exercise of a set; None when it could not be added."""
        return self._chosen.get((imported_set.exercise.casefold(), imported_set.fields))

    def _choose_for(self, key: str, groups: _Groups) -> Iterator[MissingExercise]:
        name = next(iter(groups.values()))[0].exercise
        matches = list(self._matcher.matches(name))
        left = {}
        # Rather one exercise for all than two that share them.
        whole = next((match for match in matches if all(map(match.holds, groups))), None)
        for fields, sets in groups.items():
            chosen = whole or next((match for match in matches if match.holds(fields)), None)
            if chosen is None:
                left[fields] = sets
            else:
                self._chosen[key, fields] = chosen
        yield from self._missing(name, left, min(len(matches), 1))

    def _missing(self, name: str, groups: _Groups, others: int) -> Iterator[MissingExercise]:
        while groups:
            kind = infer_kind([imported_set for sets in groups.values() for imported_set in sets])
            if kind is ExerciseKind.WEIGHT_REPS and self._bodies.is_only_body(name):
                kind = ExerciseKind.BODYWEIGHT_REPS
            held = {fields: sets for fields, sets in groups.items() if holds(kind, fields)}
            yield MissingExercise(name, kind, held, others)
            groups = {fields: sets for fields, sets in groups.items() if fields not in held}
            others = max(others, 1)
