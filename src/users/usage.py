"""How much a person has and uses, against their quotas (supabase/schemas/12_quotas.sql)."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from src.core.schema import Output
from src.vocabulary import Quota, QuotaPeriod


class QuotaUsage(Output):
    """One quota. Of `plan_versions`, those of the plan with the most; of `sets_per_day`, those of today."""

    name: Quota
    used: Annotated[int, Field(ge=0)]
    limit: Annotated[int, Field(ge=0)]
    per: Annotated[QuotaPeriod, Field(description="What it counts in.")]
    when_full: Annotated[
        Literal["refused", "oldest_removed"], Field(description="What becomes of a write when it is used up.")
    ]


class Usage(Output):
    """Every quota."""

    quotas: list[QuotaUsage]
    resets_at: Annotated[AwareDatetime, Field(description="When the quotas of a UTC day begin anew.")]
