"""Idempotency-Key: the same request again gives the first answer (private.claim_idempotency_key in SQL)."""

from typing import Annotated

from fastapi import Header
from pydantic import StringConstraints

IdempotencyKey = Annotated[
    Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")] | None,
    Header(
        alias="Idempotency-Key",
        description="Any unique text, kept for 24 hours: the same request again gives what was made, with 200 for 201.",
    ),
]
