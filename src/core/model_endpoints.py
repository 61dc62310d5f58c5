"""Which server answers and which embeds, and the name it knows the model by: what AI_MODEL and its like say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from pydantic import SecretStr

BUILT_IN: Final = "built-in"
"""As EMBEDDING_MODEL: the sentence encoder of this process, whoever answers."""
GOOGLE_EMBEDDING_MODEL: Final = "gemini-embedding-001"


class Family(StrEnum):
    """Servers that are asked alike. OPENAI is also any other server that speaks OpenAI's protocol."""

    GOOGLE = "google"
    OPENAI = "openai"
    OPENROUTER = "openrouter"
    OLLAMA = "ollama"


ADDRESSES: Final = {
    Family.OPENAI: "https://api.openai.com/v1",
    Family.OPENROUTER: "https://openrouter.ai/api/v1",
    Family.OLLAMA: "http://localhost:11434/v1",
}
"""Where a family is asked when no base URL is set. Google's client knows Google's."""

GOOGLE_NAME: Final = r"^[a-z0-9][a-z0-9.-]{0,63}$"
"""It becomes a part of an address. Other names do not leave the body of a request."""
_OTHER_NAME: Final = r"^[A-Za-z0-9~][A-Za-z0-9._:/@+-]{0,79}$"


class ModelReference(NamedTuple):
    """A model as Pydantic AI writes it: `google:gemini-3.8-flash`, `ollama:qwen3:8b`."""

    family: Family
    name: str

    @classmethod
    def parse(cls, value: object) -> "ModelReference":
        """Raises ValueError that says what is wrong, never with the value."""
        if isinstance(value, cls):
            return value
        family, colon, name = str(value).strip().partition(":")
        if not colon or family not in set(Family):
            raise ValueError(f"must be {', '.join(f'{each}:MODEL' for each in Family)}")
        pattern = GOOGLE_NAME if family == Family.GOOGLE else _OTHER_NAME
        if not re.match(pattern, name):
            raise ValueError(f"has no name of a model after {family}:")
        if family == Family.OPENROUTER and "/" not in name:
            raise ValueError("must name a vendor too: openrouter:VENDOR/MODEL")
        return cls(Family(family), name)

    def __str__(self) -> str:
        return f"{self.family}:{self.name}"

    @property
    def label(self) -> str:
        """What answers and embeddings are marked with. Google's have no prefix, as before there were others."""
        return self.name if self.family is Family.GOOGLE else str(self)


@dataclass(frozen=True)
class ModelEndpoint:
    """A model, and how its server is reached. Without `base_url`, at the family's own address."""

    model: ModelReference
    base_url: str | None
    api_key: SecretStr | None

    @property
    def address(self) -> str:
        """Where it is asked. Not for Google's, whose client knows."""
        return self.base_url or ADDRESSES[self.model.family]

    @property
    def is_openai_itself(self) -> bool:
        """Whether this is OpenAI's own API, at one of its addresses, not a server that only speaks like it."""
        host = urlsplit(self.base_url or "").hostname or ""
        return self.model.family is Family.OPENAI and (
            self.base_url is None or host == "openai.com" or host.endswith(".openai.com")
        )

    @property
    def lacks_key(self) -> bool:
        """Whether it cannot be asked without a key, and there is none. Servers at home often want none."""
        wants_one = self.model.family in {Family.GOOGLE, Family.OPENROUTER} or self.is_openai_itself
        return wants_one and self.api_key is None


def parse_embedding_model(value: object) -> str:
    """A value of EMBEDDING_MODEL: `built-in`, a reference, or a bare name, which is one of Google's."""
    text = str(value).strip()
    if text != BUILT_IN:
        _embedding_reference(text)
    return text


def chat_endpoint(settings: Mapping[str, Any]) -> ModelEndpoint | None:
    """Who answers; None: rules do."""
    model: ModelReference | None = settings.get("ai_model")
    if model is not None:
        google = _google_endpoint(settings, model) if model.family is Family.GOOGLE else None
        return ModelEndpoint(
            model,
            _text(settings.get("ai_base_url")) or (google.base_url if google else None),
            settings.get("ai_api_key") or (google.api_key if google else None),
        )
    if settings.get("gemini_api_key") is not None and settings.get("chat_model") is not None:
        return _google_endpoint(settings, ModelReference(Family.GOOGLE, settings["chat_model"]))
    return None


def embedding_endpoint(settings: Mapping[str, Any]) -> ModelEndpoint | None:
    """Who embeds; None: this process does. Chosen by itself, but asked where the chat model is, if of one family."""
    chat, named = chat_endpoint(settings), settings.get("embedding_model")
    if named is None and (chat is None or chat.model.family is not Family.GOOGLE):
        return None
    if named == BUILT_IN:
        return None
    model = _embedding_reference(named or GOOGLE_EMBEDDING_MODEL)
    known = chat if chat and chat.model.family is model.family else None
    if known is None and model.family is Family.GOOGLE:
        known = _google_endpoint(settings, model)
    elsewhere = _text(settings.get("embedding_base_url"))
    if elsewhere is not None:
        known = None  # the chat model's key is for the chat model's server alone
    endpoint = ModelEndpoint(
        model,
        elsewhere or (known.base_url if known else None),
        settings.get("embedding_api_key") or (known.api_key if known else None),
    )
    # EMBEDDING_MODEL of a server that has lost its key, or has none yet: rules answer, and the encoder embeds.
    is_unused = named is not None and ":" not in named and chat is None and endpoint.lacks_key
    return None if is_unused else endpoint


def _google_endpoint(settings: Mapping[str, Any], model: ModelReference) -> ModelEndpoint:
    return ModelEndpoint(model, _text(settings.get("gemini_base_url")), settings.get("gemini_api_key"))


def _embedding_reference(value: str) -> ModelReference:
    return ModelReference.parse(value if ":" in value else f"{Family.GOOGLE}:{value}")


def _text(url: object) -> str | None:
    return None if url is None else str(url).rstrip("/")
