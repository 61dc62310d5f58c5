"""Whether a text urges somebody to train through pain: a companion never does, and a model is told so when it did."""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from src.chat.safety.words import Text, compile_entries, plain

_FILE: Final = Path(__file__).parent / "pain.toml"
_DENIED_WITHIN: Final = 4
_SENTENCE: Final = re.compile(r"[^.!?\n]+[.!?]*\s*")


def urges_through_pain(text: str) -> bool:
    """Whether any sentence does, in any language. "Never push through the pain" is the opposite."""
    return any(_urges(sentence) for sentence in _SENTENCE.findall(text))


def without_urging(text: str) -> str:
    """The text without the sentences that urge to."""
    return "".join(sentence for sentence in _SENTENCE.findall(text) if not _urges(sentence)).strip()


def _urges(sentence: str) -> bool:
    folded = Text(plain(sentence))
    for urging, denying in _patterns():
        denials = list(folded.find(denying))
        for span in folded.find(urging):
            if not any(0 <= span.first - denial.last <= _DENIED_WITHIN for denial in denials):
                return True
    return False


@cache
def _patterns() -> Sequence[tuple[re.Pattern[str], re.Pattern[str]]]:
    document = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return [(compile_entries(words["urges"], {}), compile_entries(words["not"], {})) for words in document.values()]
