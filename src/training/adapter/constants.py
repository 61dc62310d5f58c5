"""Every number of the adaptation rules, with where it comes from. See docs/decisions/0026-adaptation.md; sources:
src/training."""

BREAK_DAYS = 14
"""Days without any workout, after which loads restart lighter. Strength holds for about three weeks in trained people
and power and work capacity fall sooner (McMaster 2013; Bosquet 2013): lighter before it is gone."""
LONG_BREAK_DAYS = 28
"""After which the restart is a tenth lighter once more: beyond four weeks the loss is clear (Bosquet 2013)."""

ADHERENCE_WEEKS = 4
"""The window in which planned and done sessions are compared. A training block (rule of thumb)."""
MIN_WEEKS = 2
"""Below which there is nothing to compare: one bad week says nothing."""
LOW_ADHERENCE, HIGH_ADHERENCE = 0.6, 0.9
"""Done of planned sessions: below the first there is too much in the plan, from the second on room for more."""
WEEKS_ON_TARGET = 3
"""Weeks of high adherence and met targets before a set is added: volume rises stepwise (ACSM 2009)."""
TARGETS_MET = 0.9
"""Of the judged sessions in those weeks."""
MIN_SETS, MAX_SETS = 2, 5
"""Work sets of an exercise that volume changes stay within. One set less keeps most of the effect (Schoenfeld 2017)."""
MAX_ADDED = 2
"""Exercises that get another set at a time."""
VOLUME_PAUSE_DAYS = 21
"""Between two changes of volume, whichever way: an effect takes weeks to show."""

FAILED_DELOADS = 2
"""Deloads without an increase between them, after which the exercise is swapped."""
FAILURE_MEMORY_DAYS = 56
"""How long an accepted deload counts as the first of them."""
SWAP_MEMORY_DAYS = 84
"""How long an exercise that was swapped out is not offered again: a training cycle."""
REFUSAL_DAYS = 28
"""How long a change that was rejected is not proposed again without new evidence."""

MAX_SUBSTITUTES = 5
"""Offered for one exercise."""
MAX_CHANGES = 60
MAX_EVIDENCE = 100
"""Ids of sets that a change holds, as the database takes them. What the rules judge is fewer."""
MAX_CHARACTERS = 32_768
"""Of all changes as JSON: half of the database's limit, which measures the size differently."""
