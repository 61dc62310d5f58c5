"""The targets of a plan's progression rules, computed from the sets that were done.

Every rule replays the exercise's sessions, oldest first, as if each had been given its targets. So the result
follows from logged sets alone, and correcting a set corrects it. A session meets its target when every planned work set
was done with at least its load and its lowest repetitions (or time, or distance). A missed target repeats; two misses
in a row take a tenth off. Loads in kg.

- targets.py: the targets of an exercise, whatever its rule. stepwise.py: double progression and linear.
  percent.py: percent of the estimated maximum. aims.py: shared by all rules.
"""
