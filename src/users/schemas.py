"""A person's profile."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field

from src.core.schema import (
    BirthDate,
    CleanText,
    ClockTime,
    Flag,
    JsonNumber,
    Name,
    Output,
    PatchBody,
    StoredClockTime,
    Thousandths,
    Timestamp,
    Timezone,
    Unique,
)
from src.memories.facts import FactValue
from src.vocabulary import (
    ActivityLevel,
    Allergen,
    Diet,
    DistanceUnit,
    Equipment,
    ExperienceLevel,
    FactField,
    Joint,
    Sex,
    Sport,
    WeightUnit,
)

GoalText = Annotated[str, CleanText(max_length=200)]
Dislike = Annotated[str, CleanText(max_length=80)]


# What has a smallest step: plates, pins, or the next one on the rack. The same are in private.are_load_steps().
Loadable = Literal[
    "barbell",
    "dumbbell",
    "kettlebell",
    "cable",
    "machine",
    "trap_bar",
    "ez_bar",
    "landmine",
    "smith_machine",
    "medicine_ball",
    "sled",
    "other",
]
LoadSteps = Annotated[
    dict[Loadable, Annotated[float, Field(ge=0.1, le=50), Thousandths, JsonNumber]],
    Field(description="Smallest step in kg by equipment, where it is not the usual one."),
]


class Dietary(Output):
    """What a person eats, and does not."""

    diet: Diet | None
    allergens: list[Allergen]
    dislikes: list[str]


class CheckIns(Output):
    """When the companion may write first."""

    enabled: bool
    max_per_week: Annotated[int, Field(description="The most within any seven days.")]
    quiet_from: StoredClockTime
    quiet_to: Annotated[
        StoredClockTime,
        Field(
            description="No check-in comes from `quiet_from` to then, in the person's time zone; equal: never quiet."
        ),
    ]


class Unconfirmed(Output):
    """Something the person has told that the profile could have. What is decided about a memory is decided about all of
    its facts; `keep` asks whether to keep what they had asked to forget and then said again."""

    memory_id: UUID
    field: Annotated[FactField | None, Field(description="Null for `keep`.")]
    op: Literal["add", "remove", "set", "keep"]
    value: Annotated[FactValue | None, Field(description="As facts of memories have it; null for `keep`.")]
    quote: Annotated[str, Field(description="The person's words.")]
    said_at: AwareDatetime


class User(Output):
    """A profile. What the person has not said is null: no default is shown as their choice."""

    id: UUID
    name: str | None
    date_of_birth: date | None
    age: Annotated[int | None, Field(description="Full years today, in the person's time zone.")]
    sex: Sex | None
    sport: Sport | None
    experience_level: ExperienceLevel | None
    days_per_week: int | None
    goals: list[str]
    activity_level: ActivityLevel | None
    weight_unit: WeightUnit
    distance_unit: DistanceUnit
    timezone: str
    equipment: list[Equipment]
    load_steps_kg: LoadSteps
    injuries: list[Joint]
    dietary: Dietary
    memory_enabled: bool
    ai_consent_at: AwareDatetime | None
    check_ins: CheckIns
    session_minutes: Annotated[int | None, Field(description="How long a session may take; the default of a plan.")]
    unconfirmed: Annotated[
        list[Unconfirmed],
        Field(description="Told, and neither applied nor declined yet (POST /memories/{id}/apply or …/decline)."),
    ]
    affinity_score: Annotated[int, Field(ge=0)]
    created_at: AwareDatetime
    updated_at: AwareDatetime

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Self:
        """The profile of a users row."""
        born = row["date_of_birth"]
        age = None if born is None else age_on(date.fromisoformat(born), today_in(row["timezone"]))
        check_ins = {name: row[f"check_ins_{name}"] for name in CheckIns.model_fields}
        return cls.model_validate({**row, "age": age, "dietary": row, "check_ins": check_ins})


class DietaryUpdate(PatchBody):
    """Only the members that are sent change."""

    diet: Diet | None = None
    allergens: Annotated[list[Allergen], Field(max_length=14), Unique] = []
    dislikes: Annotated[list[Dislike], Field(max_length=50), Unique] = []


class CheckInsUpdate(PatchBody):
    """Only the members that are sent change. `quiet_from` equal to `quiet_to` means no quiet hours."""

    enabled: Flag = True
    max_per_week: Annotated[int, Field(ge=0, le=7), JsonNumber] = 1
    quiet_from: ClockTime = "22:00"
    quiet_to: ClockTime = "08:00"


class UserUpdate(PatchBody):
    """A change of the profile: only the fields that are sent change; null clears what may be empty."""

    name: Name | None = None
    date_of_birth: BirthDate | None = None
    sex: Sex | None = None
    sport: Sport | None = None
    experience_level: ExperienceLevel | None = None
    days_per_week: Annotated[int, Field(ge=1, le=7), JsonNumber] | None = None
    goals: Annotated[list[GoalText], Field(max_length=10)] = []
    activity_level: ActivityLevel | None = None
    weight_unit: WeightUnit = WeightUnit.KG
    distance_unit: DistanceUnit = DistanceUnit.KM
    timezone: Timezone = "UTC"
    equipment: Annotated[list[Equipment], Field(max_length=26), Unique] = []
    load_steps_kg: LoadSteps = {}
    injuries: Annotated[list[Joint], Field(max_length=9), Unique] = []
    dietary: DietaryUpdate = DietaryUpdate()
    memory_enabled: Flag = True
    ai_consent_at: Timestamp | None = None
    check_ins: CheckInsUpdate = CheckInsUpdate()
    session_minutes: Annotated[int, Field(ge=15, le=180), JsonNumber] | None = None

    def changes(self) -> dict[str, Any]:
        """The columns to change: what was sent, and nothing else."""
        sent = self.model_dump(mode="json", exclude_unset=True)
        dietary = sent.pop("dietary", {})
        check_ins = {f"check_ins_{name}": value for name, value in sent.pop("check_ins", {}).items()}
        return {**sent, **dietary, **check_ins}


def today_in(timezone: str) -> date:
    """The calendar day it is for a person now."""
    return datetime.now(ZoneInfo(timezone)).date()


def age_on(born: date, day: date) -> int:
    """Full years from `born` to `day`; someone born on 29 February has their birthday on 1 March in other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
