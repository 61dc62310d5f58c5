"""What SQL functions answer: JSON documents, which the repositories validate where they arrive."""

from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from src.core.errors import BadUpstream

log = structlog.get_logger()

ParsedT = TypeVar("ParsedT")


class Document(BaseModel):
    """A document that is no response body. Responses have their own models, which may be documents at once."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def parse_document(parse: Callable[[Any], ParsedT], document: Any) -> ParsedT:
    """Calls `parse`, such as a model's `model_validate`, on a document. Raises BadUpstream when it does not fit."""
    try:
        return parse(document)
    except (ValidationError, LookupError, TypeError) as error:
        # Where, but not what: the document may be somebody's diary.
        places = [part["loc"] for part in error.errors()] if isinstance(error, ValidationError) else [str(error)]
        log.exception("unexpected document", places=places[:10], exc_info=not isinstance(error, ValidationError))
        raise BadUpstream from error
