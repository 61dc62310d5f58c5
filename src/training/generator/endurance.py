"""Numbers of conditioning, and its library exercises by slug, the preferred ones first.

Sources: src/training.
"""

from src.training.levels import ADVANCED, BEGINNER, INTERMEDIATE

MIN_CARDIO = 480
"""Seconds below which cardio is left out. Rule of thumb."""
MAX_EASY = {BEGINNER: 30 * 60, INTERMEDIATE: 50 * 60, ADVANCED: 70 * 60}
MAX_LONG = {BEGINNER: 45 * 60, INTERMEDIATE: 90 * 60, ADVANCED: 150 * 60}
"""Seconds of an easy and of a long session. Rule of thumb."""
INTERVAL, INTERVAL_REST, MAX_INTERVALS = 240, 180, 5
"""Four minutes hard, three easy, about four times (Helgerud 2007). One session in five or so is hard (Seiler 2010)."""
ROUND_SECONDS = {BEGINNER: 120, INTERMEDIATE: 180, ADVANCED: 180}
ROUND_REST, MAX_ROUNDS = 60, 12
"""Boxing rounds are three minutes with one between (rules of the sport); beginners box two."""
METCON_SECONDS, METCON_REST, METCON_REPS, METCON_MOVES, MAX_METCON_ROUNDS = 40, 20, 10, 3, 5
STRETCH_SECONDS, STRETCH_REPS, STRETCH_REST, STRETCHES = 30, 10, 15, 4
"""Holding a stretch 10-30 seconds, 2-4 times (ACSM)."""

RUNS_EASY = ("easy-run", "treadmill-run", "run-walk-intervals", "trail-run")
RUNS_LONG = ("long-run", "trail-run", "easy-run", "treadmill-run", "run-walk-intervals")
RUNS_HARD = ("interval-run", "tempo-run", "fartlek-run", "hill-repeats", "run-walk-intervals")
STEADY = (
    "outdoor-cycling",
    "stationary-bike",
    "elliptical",
    "rowing-machine",
    "easy-run",
    "treadmill-run",
    "recumbent-bike",
    "treadmill-walk",
    "incline-treadmill-walk",
    "freestyle-swim",
    "jump-rope",
    "walk",
    "nordic-walking",
    "hike",
    "marching-in-place",
    "seated-march",
)
BOXING = (
    "heavy-bag-rounds",
    "shadow-boxing",
    "double-end-bag",
    "jab-cross-drill",
    "boxing-footwork-drill",
    "bob-and-weave",
    "speed-bag",
    "heavy-bag-intervals",
    "focus-mitts",
    "jab-drill",
    "pivot-drill",
    "slip-drill",
    "jump-rope",
)
BOXING_WITHOUT_PUNCHES = frozenset({"boxing-footwork-drill", "bob-and-weave", "pivot-drill", "slip-drill", "jump-rope"})
NOT_ONLY_BOXING = frozenset({"jump-rope"})
METCON = (
    "burpee",
    "double-under",
    "box-jump",
    "rowing-intervals",
    "mountain-climber",
    "jump-rope",
    "assault-bike",
    "squat-jump",
    "medicine-ball-slam",
    "high-knees",
    "jumping-jack",
    "skater-jump",
    "step-jack",
    "star-jump",
    "rowing-machine",
    "bike-sprint",
    "shadow-boxing",
    "marching-in-place",
    "a-march",
    "seated-march",
    "walk",
)
