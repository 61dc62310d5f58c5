"""All frames, in the order in which they may claim a clause."""

from typing import Final

from src.memories.learning.frames.age import find_age
from src.memories.learning.frames.body import find_body
from src.memories.learning.frames.daily import find_residence, find_work
from src.memories.learning.frames.exercises import find_excluded_exercise
from src.memories.learning.frames.finding import Frame
from src.memories.learning.frames.food import find_allergy, find_diet, find_food_dislike
from src.memories.learning.frames.health import find_condition, find_medication, find_pregnancy
from src.memories.learning.frames.injuries import find_injury
from src.memories.learning.frames.life import find_event, find_goal, find_life, find_preference
from src.memories.learning.frames.training import (
    find_days_per_week,
    find_equipment,
    find_level,
    find_session_minutes,
    find_sport,
    find_units,
)

# The kind of what a clause says is that of the first that finds something.
FRAMES: Final[tuple[Frame, ...]] = (
    find_injury,
    find_allergy,
    find_diet,
    find_pregnancy,
    find_condition,
    find_medication,
    find_goal,
    find_excluded_exercise,
    find_food_dislike,
    find_equipment,
    find_days_per_week,
    find_session_minutes,
    find_body,
    find_age,
    find_residence,
    find_work,
    find_sport,
    find_level,
    find_units,
)

# Only where nothing else was found, and one of them.
LOOSE_FRAMES: Final[tuple[Frame, ...]] = (find_event, find_preference, find_life)
