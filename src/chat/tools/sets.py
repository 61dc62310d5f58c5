"""Sets of one exercise, planned or done, put together and into words: 8, 8, 7 at 100 kg."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from pydantic import BaseModel

from src.chat.phrases import say
from src.chat.phrases.formats import duration, number
from src.chat.tools.values import Quantity
from src.language.language import Language


class SetGroup(BaseModel):
    """Sets that follow each other with one load. A set is told in repetitions, or in seconds and a distance.

    `reps` has one number a set; null is a set without a number, to be done until the person fails.
    """

    sets: int
    reps: list[int | None] = []
    load: Quantity | None = None
    help: Quantity | None = None
    seconds: int | None = None
    distance: Quantity | None = None
    is_warm_up: bool = False

    def words(self, language: Language) -> str:
        """The sets in words."""
        amount = self._amount(language)
        if self.load is not None:
            return say("sets.with_load", language, amount=amount, load=self.load.words(language))
        if self.help is not None:
            return say("sets.with_help", language, amount=amount, help=self.help.words(language))
        return amount

    def _amount(self, language: Language) -> str:
        each = self._time_and_distance(language)
        if each is not None:
            return each if self.sets == 1 else say("sets.times", language, n=self.sets, each=each)
        counts = [say("sets.open", language) if reps is None else number(reps, language) for reps in self.reps]
        if len(set(counts)) == 1:
            return say("sets.times", language, n=self.sets, each=counts[0])
        return ", ".join(counts)

    def _time_and_distance(self, language: Language) -> str | None:
        far = self.distance and self.distance.words(language)
        time = self.seconds and duration(self.seconds, language)
        return say("sets.in_time", language, far=far, time=time) if far and time else far or time or None


def group(sets: Iterable[SetGroup]) -> list[SetGroup]:
    """Single sets, each given as a group of one, joined where they follow each other with the same load."""
    return list(_joined(sets))


def _joined(sets: Iterable[SetGroup]) -> Iterator[SetGroup]:
    for _, alike in groupby(sets, key=lambda one: one.model_dump_json(exclude={"sets", "reps"})):
        members = list(alike)
        reps = [count for member in members for count in member.reps]
        yield members[0].model_copy(update={"sets": len(members), "reps": reps})


def words_of(groups: Sequence[SetGroup], language: Language) -> str:
    """All of an exercise's sets in words, without warm-ups unless there is nothing else."""
    work = [some for some in groups if not some.is_warm_up]
    return "; ".join(some.words(language) for some in work or groups)
