"""Changes to a plan in use. docs/decisions/0026-adaptation.md has the rules.

- context.py: the data they follow from. engine.py: the order of the rules. swaps.py, progress.py,
  volume.py: the rules.
- changes.py: a change, and a plan with changes. wording.py: a model's part. constants.py: every number.
- tasks.py: the job.
"""
