"""What safety finds in a message."""

from typing import NamedTuple

from src.vocabulary import Concern


class Alarm(NamedTuple):
    """A message that needs care. Not `certain`: one question is asked instead of cheering."""

    concern: Concern
    certain: bool
