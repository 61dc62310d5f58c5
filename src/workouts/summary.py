"""A workout in a few numbers, for lists."""

from typing import Any

from src.core.gateway import Row
from src.core.vocabulary import SetType


def summary_of(row: Row) -> dict[str, Any]:
    """What WorkoutSummary is made from: a workouts row with its sets."""
    done = sorted(row["sets"], key=lambda one: one["exercise_position"])
    counted = [one for one in done if one["set_type"] != SetType.WARMUP]
    exercises = {
        one["exercise_position"]: {"exercise_id": one["exercise_id"], "exercise_name": one["exercise_name"], "sets": 0}
        for one in done
    }
    for one in counted:
        exercises[one["exercise_position"]]["sets"] += 1
    volume = sum((one["weight_kg"] or 0) * (one["reps"] or 0) for one in counted)
    return {**row, "exercises": list(exercises.values()), "sets": len(counted), "volume_kg": round(volume, 3)}
