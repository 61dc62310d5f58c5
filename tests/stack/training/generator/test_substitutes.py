"""What stands in for an exercise."""

import pytest

from src.training.candidates import Candidate, rank_substitutes

LIKE = {
    "bench-press": {"dumbbell-bench-press", "machine-chest-press", "smith-machine-bench-press"},
    "back-squat": {"box-squat", "pause-squat"},
    "pull-up": {"neutral-grip-pull-up", "wide-grip-pull-up"},
    "plank": {"rkc-plank", "high-plank"},
    "easy-run": {"run-walk-intervals", "treadmill-run"},
    "lateral-raise": {"cable-lateral-raise", "machine-lateral-raise"},
}


@pytest.mark.parametrize("slug", LIKE)
def test_the_best_are_alike(slug: str, library: list[Candidate]) -> None:
    exercise = next(exercise for exercise in library if exercise.slug == slug)
    ranked = rank_substitutes(exercise, library)
    assert LIKE[slug] <= {substitute.slug for substitute in ranked[:6]}
    assert exercise not in ranked
    assert all(set(substitute.primary_muscles) & set(exercise.primary_muscles) for substitute in ranked)
    assert ranked == rank_substitutes(exercise, reversed(library))
