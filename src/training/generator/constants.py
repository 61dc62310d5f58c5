"""Every number of the planner, with where it comes from. docs/decisions/0025-planner.md shows them as tables.

Sources: ACSM 2009, "Progression models in resistance training for healthy adults" (Med Sci Sports Exerc 41:687); NSCA,
"Essentials of Strength Training and Conditioning", 4th ed. (Haff & Triplett 2016); Schoenfeld, Ogborn & Krieger 2017
(weekly sets and growth, J Sports Sci 35:1073); Ralston et al. 2017 (weekly sets and strength, Sports Med 47:2585);
Bickel et al. 2011 (what keeps muscle, Med Sci Sports Exerc 43:1177); Seiler 2010 (distribution of intensity, Int J
Sports Physiol Perform 5:276); Helgerud et al. 2007 (four times four minutes, Med Sci Sports Exerc 39:665); Bell et al.
2024 (deloads in practice, Sports Med Open 10:26); WHO 2020, guidelines on physical activity. Where none is named it is
a rule of thumb.
"""

from enum import StrEnum
from typing import NamedTuple

from src.vocabulary import ExperienceLevel, Muscle, Sport

BEGINNER, INTERMEDIATE, ADVANCED = ExperienceLevel


class Goal(StrEnum):
    """What a plan is to bring."""

    STRENGTH = "strength"
    HYPERTROPHY = "hypertrophy"
    ENDURANCE = "endurance"
    FAT_LOSS = "fat_loss"
    GENERAL = "general"


# Weeks and sessions -------------------------------------------------------------------------------------------------

MINUTES = 60
"""Of a session, when nobody says. Rule of thumb."""
WEEKS = 8
"""Of a plan, when nobody says. Rule of thumb: two blocks of four."""
DELOAD_EVERY = {BEGINNER: 8, INTERMEDIATE: 6, ADVANCED: 5}
"""Weeks. Lifters deload every 5.6 weeks (Bell et al. 2024); beginners need it less often (rule of thumb)."""
SPREAD = {
    1: (0,),
    2: (0, 3),
    3: (0, 2, 4),
    4: (0, 1, 3, 4),
    5: (0, 1, 2, 4, 5),
    6: (0, 1, 2, 3, 4, 5),
    7: (0, 1, 2, 3, 4, 5, 6),
}
"""Days after the first on which a week of so many sessions trains: up to three never on days that follow each other."""

# Muscles and weekly sets --------------------------------------------------------------------------------------------

LARGE = (Muscle.QUADRICEPS, Muscle.HAMSTRINGS, Muscle.GLUTES, Muscle.CHEST, Muscle.LATS, Muscle.UPPER_BACK)
SMALL = (
    Muscle.FRONT_DELTS,
    Muscle.SIDE_DELTS,
    Muscle.REAR_DELTS,
    Muscle.BICEPS,
    Muscle.TRICEPS,
    Muscle.CALVES,
    Muscle.ABS,
)
NOT_COUNTED = frozenset({Muscle.FULL_BODY, Muscle.CARDIO})
"""No muscles: nothing to count sets for."""
RECOVERS_FAST = frozenset({Muscle.ABS, Muscle.OBLIQUES, Muscle.FOREARMS, Muscle.NECK}) | NOT_COUNTED
"""May be trained on days that follow each other. Rule of thumb: endurance muscles, and light loads."""


class Weekly(NamedTuple):
    """Hard sets a week: a direct set counts 1, one that trains the muscle along with others 0.5."""

    large: int
    small: int
    most: int


SETS_TO_GROW = {
    BEGINNER: Weekly(large=6, small=4, most=14),
    INTERMEDIATE: Weekly(large=8, small=6, most=20),
    ADVANCED: Weekly(large=10, small=6, most=24),
}
"""Growth and strength rise from under 5 over 5-9 to 10 and more sets a week (Schoenfeld 2017; Ralston 2017: 5 and more
for strength); novices gain on less (ACSM 2009). The upper ends are rules of thumb."""
SETS_TO_SUPPORT = {
    BEGINNER: Weekly(large=2, small=1, most=12),
    INTERMEDIATE: Weekly(large=3, small=2, most=14),
    ADVANCED: Weekly(large=4, small=2, most=16),
}
"""Beside a sport: a third of the work keeps what is there (Bickel 2011)."""
SUPPORTED = frozenset({Sport.RUNNING, Sport.BOXING})
"""Sports in which strength serves something else."""
AIM = {
    Goal.HYPERTROPHY: 0.5,
    Goal.STRENGTH: 0.25,
    Goal.GENERAL: 0.2,
    Goal.FAT_LOSS: 0.1,
    Goal.ENDURANCE: 0.0,
}
"""How far into the range to go while there is time. Rule of thumb: growth wants volume most (Schoenfeld 2017)."""
FOCUS_AIM = 0.7
"""The same for a muscle in focus. Rule of thumb."""
HEAVY_SETS = 4
"""Direct hard sets from which a muscle was trained heavy that day. Rule of thumb; 48 hours then (ACSM 2009)."""
MOST_SETS_A_DAY = 9
"""Direct sets of a muscle in a session. Rule of thumb."""
MAIN_SETS, ACCESSORY_SETS, MOST_SETS = 3, 2, 4
"""Sets of a main lift and of an accessory to begin with (ACSM 2009: 1-3 for novices, more after), and the most."""

# Repetitions, rests, loads ------------------------------------------------------------------------------------------


class Dose(NamedTuple):
    """Repetitions of a set, and the rest after it in seconds."""

    low: int
    high: int
    rest: int


MAIN_DOSE = {
    Goal.STRENGTH: Dose(4, 6, 180),  # at most 6 repetitions, 2-5 minutes (NSCA)
    Goal.HYPERTROPHY: Dose(6, 10, 120),  # 6-12 repetitions (NSCA); compound lifts 2-3 minutes (ACSM 2009)
    Goal.ENDURANCE: Dose(12, 16, 60),  # 12 and more (NSCA); rests under 90 s (ACSM 2009)
    Goal.FAT_LOSS: Dose(8, 12, 75),  # rule of thumb: between growth and endurance
    Goal.GENERAL: Dose(8, 12, 105),  # 8-12 (ACSM 2009 for novices); 1-2 minutes
}
ACCESSORY_DOSE = {
    Goal.STRENGTH: Dose(6, 10, 105),
    Goal.HYPERTROPHY: Dose(8, 15, 75),
    Goal.ENDURANCE: Dose(15, 20, 45),
    Goal.FAT_LOSS: Dose(10, 15, 60),
    Goal.GENERAL: Dose(10, 15, 75),
}
"""Assistance exercises: 1-2 minutes (ACSM 2009), less for endurance."""
BEGINNER_LOWEST_REPS = 6
"""Beginners stay away from their maximum (ACSM 2009: 60-70 % of it)."""
POWER_DOSE = Dose(3, 5, 120)
"""Olympic lifts and jumps: 1-5 repetitions, 2-5 minutes (NSCA)."""
UNLOADED_DOSE = Dose(6, 15, 75)
"""Where the load cannot be chosen the range is wide: it must hold days that are easy and days that are not."""
SHORT_SESSION_MINUTES, SHORT_REST = 40, 60
"""In sessions shorter than this nobody rests longer than that. Rule of thumb."""
REPS_IN_RESERVE = {BEGINNER: 3, INTERMEDIATE: 2, ADVANCED: 1}
"""Rule of thumb: nearness to failure is learned."""
HOLD_SECONDS = {BEGINNER: 20, INTERMEDIATE: 30, ADVANCED: 40}
PERCENT_OF_MAXIMUM = 80
"""For 4-6 repetitions with one to three in reserve (Epley: 6 repetitions are 83 %)."""
WARMUP_PERCENT, WARMUP_REPS, WARMUP_REST = 55, 6, 60
"""The set before the first heavy lift. Rule of thumb."""
LOWER_BODY_FACTOR = 2
"""Leg lifts bear twice the step. Rule of thumb (ACSM 2009: 2-10 %)."""

# Time ---------------------------------------------------------------------------------------------------------------

SECONDS_A_REP = 4
"""1-2 seconds up and 1-2 down (ACSM 2009): the slow end, so that a session is not longer than asked."""
OPEN_SET_REPS = 20
"""What a set to failure without a number takes at most. Rule of thumb."""
TRANSITION_SECONDS = 60
"""From one exercise to the next, in place of the rest after the last set. Rule of thumb."""
DEFAULT_REST = 60
WARM_UP_SECONDS = 300
SHORT_WARM_UP_SECONDS = 120
"""General warm-up: 5 minutes (NSCA: 5-10), 2 in sessions under half an hour (rule of thumb)."""
METRES_A_SECOND = 2.0
"""For what has a distance and no time: slow running (8:20 min/km). Rule of thumb."""

# Endurance ----------------------------------------------------------------------------------------------------------

CARDIO_SHARE = {
    Goal.STRENGTH: 0.0,
    Goal.HYPERTROPHY: 0.0,
    Goal.ENDURANCE: 0.35,
    Goal.FAT_LOSS: 0.25,
    Goal.GENERAL: 0.15,
}
"""Of a strength session's time. Rule of thumb, towards the 150 minutes a week of WHO 2020."""
MIXED_SHARE = 0.5
"""Of a session that is both a sport's and for strength. Rule of thumb."""
METCON_SHARE = 0.3
"""Of a crossfit session for its workout of the day. Rule of thumb."""
SHORTEST_CARDIO = 480
"""Seconds below which cardio is left out. Rule of thumb."""
EASY_MOST = {BEGINNER: 30 * 60, INTERMEDIATE: 50 * 60, ADVANCED: 70 * 60}
LONG_MOST = {BEGINNER: 45 * 60, INTERMEDIATE: 90 * 60, ADVANCED: 150 * 60}
"""Seconds of an easy and of a long session. Rule of thumb."""
INTERVAL, INTERVAL_REST, MOST_INTERVALS = 240, 180, 5
"""Four minutes hard, three easy, about four times (Helgerud 2007). One session in five or so is hard (Seiler 2010)."""
ROUND_SECONDS = {BEGINNER: 120, INTERMEDIATE: 180, ADVANCED: 180}
ROUND_REST, MOST_ROUNDS = 60, 12
"""Boxing rounds are three minutes with one between (rules of the sport); beginners box two."""
METCON_SECONDS, METCON_REST, METCON_REPS, METCON_MOVES, MOST_METCON_ROUNDS = 40, 20, 10, 3, 5
STRETCH_SECONDS, STRETCH_REPS, STRETCH_REST, STRETCHES = 30, 10, 15, 4
"""Holding a stretch 10-30 seconds, 2-4 times (ACSM)."""

# Loads that a model may ask for ---------------------------------------------------------------------------------------

PERCENT_RANGE = (40, 95)
INCREMENT_RANGE = (0.25, 10.0)
"""Percent of the maximum, and kg: beyond these a plan is refused. Rule of thumb."""

# Exercises ----------------------------------------------------------------------------------------------------------

STAPLES = frozenset(
    [
        "back-squat",
        "front-squat",
        "deadlift",
        "romanian-deadlift",
        "bench-press",
        "incline-bench-press",
        "overhead-press",
        "barbell-row",
        "pull-up",
        "chin-up",
        "lat-pulldown",
        "seated-cable-row",
        "leg-press",
        "lying-leg-curl",
        "seated-leg-curl",
        "leg-extension",
        "hip-thrust",
        "goblet-squat",
        "dumbbell-bench-press",
        "incline-dumbbell-press",
        "dumbbell-shoulder-press",
        "one-arm-dumbbell-row",
        "dumbbell-romanian-deadlift",
        "bulgarian-split-squat",
        "dumbbell-lunge",
        "walking-lunge",
        "push-up",
        "dip",
        "inverted-row",
        "lateral-raise",
        "dumbbell-curl",
        "hammer-curl",
        "triceps-pushdown",
        "rope-pushdown",
        "overhead-triceps-extension",
        "face-pull",
        "standing-calf-raise",
        "plank",
        "dead-bug",
        "side-plank",
        "hanging-knee-raise",
        "hanging-leg-raise",
        "bodyweight-squat",
        "reverse-lunge",
        "split-squat",
        "glute-bridge",
        "single-leg-glute-bridge",
        "pike-push-up",
        "band-row",
        "band-pull-apart",
        "band-lateral-raise",
        "band-curl",
        "band-triceps-pushdown",
        "band-chest-press",
        "chest-supported-dumbbell-row",
        "dumbbell-reverse-fly",
        "band-face-pull",
        "band-lat-pulldown",
        "sliding-leg-curl",
        "bodyweight-calf-raise",
        "single-leg-calf-raise",
        "power-clean",
        "hang-power-clean",
        "push-press",
    ]
)
"""What most programmes are made of: preferred where the person can do it. Rule of thumb."""
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
