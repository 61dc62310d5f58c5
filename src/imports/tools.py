"""What people add to the name of an exercise to say how it is done: `(Dumbbell)`, `(Assisted)`."""

from src.imports.context import KnownExercise
from src.vocabulary import Equipment, ExerciseKind

ASSISTED = "assisted"
WEIGHTED = "weighted"
# The words of each; a name is looked for with every one of them. Words that only qualify a name (`Rope`, `Plate`) are
# no tools: with them a name is found only when it is somebody's name.
SPELLINGS: dict[str, tuple[str, ...]] = {
    Equipment.BODYWEIGHT: ("bodyweight", "body weight", "bw"),
    Equipment.BARBELL: ("barbell", "bb"),
    Equipment.DUMBBELL: ("dumbbell", "db"),
    Equipment.KETTLEBELL: ("kettlebell", "kb"),
    Equipment.CABLE: ("cable", "cable straight bar"),
    Equipment.MACHINE: ("machine",),
    Equipment.SMITH_MACHINE: ("smith machine", "smith"),
    Equipment.BAND: ("band", "banded", "resistance band"),
    Equipment.TRAP_BAR: ("trap bar", "hex bar"),
    Equipment.EZ_BAR: ("ez bar", "ez"),
    Equipment.LANDMINE: ("landmine",),
    Equipment.RINGS: ("ring", "rings", "suspension", "suspended", "trx"),
    Equipment.MEDICINE_BALL: ("medicine ball", "med ball", "mb"),
    Equipment.SLED: ("sled",),
    Equipment.TREADMILL: ("treadmill",),
    ASSISTED: ("assisted",),
    WEIGHTED: ("weighted",),
}


def uses_tool(exercise: KnownExercise, tool: str) -> bool:
    """Whether the exercise is one for the tool, which its own name does not say."""
    kind = exercise.kind
    if tool == ASSISTED:
        return kind is ExerciseKind.ASSISTED
    if tool == WEIGHTED:
        return kind is ExerciseKind.BODYWEIGHT_REPS
    if tool == Equipment.BODYWEIGHT and kind is ExerciseKind.BODYWEIGHT_REPS:
        return True
    # A roman chair is a machine too, but not the one whose plates somebody counts.
    if tool == Equipment.MACHINE and kind is ExerciseKind.BODYWEIGHT_REPS:
        return False
    return tool in exercise.equipment


def name_fits_tool(exercise: KnownExercise, tool: str) -> bool:
    """Whether the exercise, whose name says the tool, really is done with it."""
    return tool in (ASSISTED, WEIGHTED) or uses_tool(exercise, tool)
