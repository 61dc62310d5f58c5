"""How much a person has and uses, against their quotas (supabase/schemas/12_quotas.sql)."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from src.core.schema import Output
from src.vocabulary import Quota, QuotaPeriod


class QuotaUsage(Output):
    """One quota. Of `plan_versions` and `plan_proposals`, those of the plan with the most; of `sets_per_day`, those of
    today; of `idempotency_keys`, those of the last 24 hours."""

    name: Quota
    used: Annotated[int, Field(ge=0)]
    limit: Annotated[int, Field(ge=0)]
    per: Annotated[QuotaPeriod, Field(description="What it counts in.")]
    when_full: Annotated[
        Literal["refused", "oldest_removed", "not_added"],
        Field(
            description="What becomes of a write when it is used up: it is refused; it is kept and the oldest are"
            " removed; or it is kept without adding any of these."
        ),
    ]


class Usage(Output):
    """Every quota."""

    quotas: list[QuotaUsage]
    resets_at: Annotated[AwareDatetime, Field(description="When the quotas of a UTC day begin anew.")]
