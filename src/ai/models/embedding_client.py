"""What talks to a model that embeds. Heavy to import, like `client.py`."""

import math
from collections.abc import Sequence
from typing import Final

import structlog
from pydantic_ai.exceptions import ModelAuthenticationError, ModelRequestRejectedError

from src.ai.models.connections import open_connections
from src.ai.models.families import load_embedding_model
from src.ai.models.retries import RetryingCaller
from src.ai.provider import DIMENSIONS, Purpose
from src.core.config import Settings
from src.core.errors import BadUpstream
from src.core.model_endpoints import Family, ModelEndpoint

log = structlog.get_logger()

MAX_TEXTS_PER_CALL: Final = 100
"""Google embeds no more in one request."""

# What the makers of these models put before a text, which servers at home do not do for us: document, query.
_PREFIXES: Final = {
    "nomic-embed-text": ("search_document: ", "search_query: "),
    "embeddinggemma": ("title: none | text: ", "task: search result | query: "),
    "mxbai-embed-large": ("", "Represent this sentence for searching relevant passages: "),
    "snowflake-arctic-embed": ("", "Represent this sentence for searching relevant passages: "),
    "multilingual-e5": ("passage: ", "query: "),
}


class EmbeddingClient:
    """Embeds, whatever length the model's vectors have."""

    def __init__(self, settings: Settings, endpoint: ModelEndpoint) -> None:
        self._label = endpoint.model.label
        self._caller = RetryingCaller(endpoint.model.family, settings.ai_budget_seconds)
        self._http = open_connections(settings)
        self._model = load_embedding_model(endpoint, self._http)
        self._prefixes = _prefixes_of(endpoint)
        self._is_google = endpoint.model.family is Family.GOOGLE
        self._asks_for_length = True

    @property
    def key_refused(self) -> bool:
        """Whether our key was refused at the last call."""
        return self._caller.key_refused

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def embed(self, texts: Sequence[str], purpose: Purpose) -> list[list[float]]:
        """Returns one unit vector of DIMENSIONS numbers per text, in order."""
        embeddings: list[list[float]] = []

        async def embed_the_rest() -> list[list[float]]:
            while chunk := list(texts[len(embeddings) : len(embeddings) + MAX_TEXTS_PER_CALL]):
                found = await self._embed(chunk, purpose)
                if len(found) != len(chunk):
                    raise BadUpstream
                embeddings.extend(self._fit(embedding) for embedding in found)
            return embeddings

        return await self._caller.call("embed", embed_the_rest)

    async def _embed(self, texts: Sequence[str], purpose: Purpose) -> Sequence[Sequence[float]]:
        prefix = self._prefixes[purpose]
        inputs = [prefix + text for text in texts]
        if self._asks_for_length:
            try:
                result = await self._model.embed(inputs, input_type=purpose.value, settings={"dimensions": DIMENSIONS})
            except ModelRequestRejectedError as error:
                if self._is_google or isinstance(error, ModelAuthenticationError):
                    raise
                # A model of one length is refused when it is asked for another. How long its vectors are will be seen.
                result = await self._model.embed(inputs, input_type=purpose.value)
                self._asks_for_length = False
        else:
            result = await self._model.embed(inputs, input_type=purpose.value)
        return result.embeddings

    def _fit(self, embedding: Sequence[float]) -> list[float]:
        """The embedding with length 1 and DIMENSIONS numbers: zeros change no distance. Raises BadUpstream."""
        if len(embedding) > DIMENSIONS:
            log.error(
                "ai_embedding_too_long",
                model=self._label,
                length=len(embedding),
                help=f"EMBEDDING_MODEL must give vectors of at most {DIMENSIONS} numbers, or shorten them when asked",
            )
            raise BadUpstream("The embedding model's vectors are too long to be kept.")
        length = math.sqrt(math.fsum(value * value for value in embedding))
        is_short = self._is_google and len(embedding) < DIMENSIONS
        if is_short or not math.isfinite(length) or length == 0:
            raise BadUpstream
        return [value / length for value in embedding] + [0.0] * (DIMENSIONS - len(embedding))


def _prefixes_of(endpoint: ModelEndpoint) -> dict[Purpose, str]:
    name = endpoint.model.name.rpartition("/")[2].lower()
    known = [texts for start, texts in _PREFIXES.items() if name.startswith(start)]
    if endpoint.model.family is Family.GOOGLE or not known:
        return {Purpose.DOCUMENT: "", Purpose.QUERY: ""}
    return {Purpose.DOCUMENT: known[0][0], Purpose.QUERY: known[0][1]}
