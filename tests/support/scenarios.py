"""Simulated people whose plans are adapted for twelve weeks."""

from bench.simulated_plan import LIBRARY
from bench.simulation import TWELVE_WEEKS, Scenario, weeks
from src.vocabulary import Joint

STEADY = Scenario(seed=3)
IRREGULAR = Scenario(seed=4, missed=frozenset((week, day) for week in range(3, 13) for day in (1, 2)))
SCENARIOS = {
    "twelve weeks": TWELVE_WEEKS,
    "steady": STEADY,
    "irregular": IRREGULAR,
    "a shoulder, and nothing agrees": Scenario(seed=5, hurt={3: Joint.SHOULDER}, rejects=0.5),
    "away twice": Scenario(seed=6, missed=weeks(3, 4, 5, 6, 10, 11)),
    "weaker all the time": Scenario(seed=8, stalled={exercise.slug or "": (2, 0.06) for exercise in LIBRARY.values()}),
}
