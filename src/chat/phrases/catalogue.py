"""The sentences by key and language. Their files: `<language>/<topic>.toml`.

A key is `<topic>.<name>`, so `training.no_plan` is `no_plan` in `training.toml`. A sentence has placeholders in braces.
Where it depends on a number it is a table of the language's plural forms (`one`, `other`), chosen by `n`.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from babel import Locale

from src.chat.phrases.formats import number
from src.language.language import Language

_FOLDER = Path(__file__).parent
Sentence = str | Mapping[str, str]


@cache
def load(language: Language) -> Mapping[str, Sentence]:
    """Every sentence of a language by its key."""
    return {
        f"{file.stem}.{name}": sentence
        for file in sorted((_FOLDER / language.value).glob("*.toml"))
        for name, sentence in tomllib.loads(file.read_text("utf-8")).items()
    }


def say(key: str, language: Language, **values: str | float) -> str:
    """The sentence with these values. Numbers are written as the language writes them, texts as they are."""
    sentence = load(language)[key]
    if not isinstance(sentence, str):
        sentence = sentence[_plural_form(float(values["n"]), language)]
    written = {name: value if isinstance(value, str) else number(value, language) for name, value in values.items()}
    return sentence.format(**written)


def _plural_form(n: float, language: Language) -> str:
    # 1.0 is no singular to CLDR: people who write the decimal write the plural.
    return str(Locale(language.value).plural_form(int(n) if n.is_integer() else n))
