"""Chooses the intent of a message: a linear model over features, whose weights are fitted to the examples.

`./poew fit-intents` fits them (ridge regression); a test compares what it would write with what is there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from src.ai.provider import Purpose
from src.ai.sentence_encoder import SentenceEncoder
from src.chat.intents.catalogue import unmarked
from src.chat.intents.features import features, intents
from src.chat.intents.spelling import written_out
from src.language.language import Language

if TYPE_CHECKING:
    import numpy

WEIGHTS: Final = Path(__file__).parent / "weights.npy"
# Below it the message is none of what the companion can answer, or too unclear: calibrated on every second line of
# bench/companion/tuning/questions_of_strangers.tsv.
MIN_SCORE: Final = 0.28


@dataclass(frozen=True)
class Choice:
    """An intent, and how clearly it is meant: 0 not at all, about 1 like the examples."""

    intent: str
    score: float


async def choose(marked: str, language: Language) -> Choice | None:
    """The intent of a message, in which marks stand for its exercise and its food; None when none is clear."""
    marked = written_out(marked, language)
    # The weights are fitted to the sentence encoder, whoever embeds memories.
    [meaning] = await SentenceEncoder().embed([unmarked(marked, language)], Purpose.QUERY)
    best = rank(features(marked, meaning, language))[0]
    return best if best.score >= MIN_SCORE else None


def rank(values: Sequence[float]) -> list[Choice]:
    """All intents, the clearest first."""
    scores = (_weights() @ values).tolist()
    return sorted((Choice(*pair) for pair in zip(intents(), scores, strict=True)), key=lambda choice: -choice.score)


@cache
def _weights() -> "numpy.ndarray":
    import numpy  # noqa: PLC0415  # only a companion without a model needs it

    weights: numpy.ndarray = numpy.load(WEIGHTS)
    return weights.astype("float32")
