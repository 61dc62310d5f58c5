"""The second stage: how near a message is to sentences that need care, and to harmless ones that look alike.

A smooth vote of all sentences in prototypes/*.tsv (kernel ridge regression: near sentences count most, and what two say
alike counts once). Their vectors are the built-in encoder's, whichever model embeds memories: thresholds belong to an
encoder.
"""

import csv
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import anyio.to_thread

from src.ai.sentence_encoder import EMBEDDING_MODEL, encode
from src.language.language import Language
from src.vocabulary import Concern

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Embed = Callable[[Sequence[str]], Awaitable[list[list[float]]]]

_FOLDER: Final = Path(__file__).parent / "prototypes"
VECTORS: Final = _FOLDER / "vectors.npz"
"""The sentences' vectors as bytes (`./poew embed-prototypes`): no message should wait for them."""
# The encoder's own dimensions; those after them are for scripts that it cannot read.
_DIMENSIONS: Final = 512
# Fitted by the area under the curve: .991 where each sentence in turn is left out, and little changes around these.
_SHARPNESS: Final = 2.0
_SMOOTHING: Final = 0.1
_HARMLESS: Final = "none"


class Nearness(NamedTuple):
    """The concern that a message is nearest to, and by how much more than to harmless sentences."""

    concern: Concern
    margin: float


class Prototype(NamedTuple):
    """A sentence, and what it is a sign of: None for a harmless one."""

    concern: Concern | None
    sentence: str


@dataclass(frozen=True)
class _Vote:
    vectors: "NDArray[np.float32]"
    weights: "NDArray[np.float32]"  # for each sentence and each concern, harmless last


async def nearness(messages: Sequence[str], embed: Embed) -> list[Nearness]:
    """How near each message is to a concern. `embed` is the built-in encoder's."""
    vectors = await embed(messages)
    return await anyio.to_thread.run_sync(_judge, vectors)


@cache
def read_prototypes() -> tuple[Prototype, ...]:
    """All sentences, language by language."""
    return tuple(
        Prototype(None if row["concern"] == _HARMLESS else Concern(row["concern"]), row["message"])
        for language in Language
        for row in _read_table(language)
    )


def embed_prototypes() -> None:
    """Writes VECTORS anew."""
    import numpy as np  # noqa: PLC0415  # loaded where it is used: the server starts without it

    vectors = np.array(encode([prototype.sentence for prototype in read_prototypes()]))[:, :_DIMENSIONS]
    scale = np.abs(vectors).max() / 127
    np.savez(VECTORS, vectors=np.rint(vectors / scale).astype(np.int8), scale=scale, made_of=_made_of())


def _judge(vectors: list[list[float]]) -> list[Nearness]:
    import numpy as np  # noqa: PLC0415

    vote = _load_vote()
    shares = _kernel(np.array(vectors, np.float32)[:, :_DIMENSIONS], vote.vectors) @ vote.weights
    concerns, harmless = shares[:, :-1], shares[:, -1]
    best = concerns.argmax(axis=1)
    return [
        Nearness(list(Concern)[place], float(share[place] - other))
        for place, share, other in zip(best, concerns, harmless, strict=True)
    ]


@cache
def _load_vote() -> _Vote:
    import numpy as np  # noqa: PLC0415

    with np.load(VECTORS) as stored:
        if str(stored["made_of"]) != _made_of():
            raise RuntimeError("The sentences of src/chat/safety/prototypes have changed; ./poew embed-prototypes.")
        vectors = stored["vectors"].astype(np.float32) * stored["scale"].astype(np.float32)
    classes: list[Concern | None] = [*Concern, None]
    said = np.array([[prototype.concern is kind for kind in classes] for prototype in read_prototypes()], np.float32)
    smoothing = _SMOOTHING * np.eye(len(vectors), dtype=np.float32)
    return _Vote(vectors, np.linalg.solve(_kernel(vectors, vectors) + smoothing, said))


def _kernel(some: "NDArray[np.float32]", others: "NDArray[np.float32]") -> "NDArray[np.float32]":
    import numpy as np  # noqa: PLC0415

    similarity: NDArray[np.float32] = np.exp(_SHARPNESS * (some @ others.T - 1))
    return similarity


def _made_of() -> str:
    texts = "\n".join(f"{prototype.concern}\t{prototype.sentence}" for prototype in read_prototypes())
    return sha256(f"{EMBEDDING_MODEL}\n{texts}".encode()).hexdigest()


def _read_table(language: Language) -> list[dict[str, str]]:
    with (_FOLDER / f"{language}.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
