"""A new workout plan for a person. docs/decisions/0025-planner.md shows its numbers as tables.

- preferences.py: who it is for, and what they ask for. goals.py, schedule.py, ranges.py, repetitions.py, endurance.py,
  staples.py: the numbers and lists of the rules.
- splits.py: the kind of session on each day. scoring.py: which exercise is better. prescriptions.py: how one is done.
  conditioning.py: the parts of a session other than strength. timing.py: how long all of it takes.
- rules.py: a plan by rules, made by week.py. answer.py, prompt.py: a plan by a model. review.py: what is wrong with it.
- tasks.py: the job.
"""
