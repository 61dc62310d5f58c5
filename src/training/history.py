"""What was trained, as the database tells it, for the rules of progression."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from src.core.gateway import Row
from src.training.progression import LoggedSet, Session
from src.vocabulary import SetType

MOST_SESSIONS = 20
"""What private.exercise_sessions() gives of an exercise's history: older ones are left out."""


def week_of(first_on: str | None, day: str) -> int:
    """Which week of the plan a day is in, counted from the plan's first workout; 0 or less before it."""
    if first_on is None:
        return 1
    return (date.fromisoformat(day) - date.fromisoformat(first_on)).days // 7 + 1


def sessions_of(rows: Sequence[Row], since: Row | None, day: int, state: Row) -> list[Session]:
    """An exercise's history (private.exercise_sessions) as a day of the plan sees it. `since`: from which version on it
    has been planned as it is (private.asked_since); `state`: plan_id, first_on and deload_weeks."""
    return [_session(row, since, day, state) for row in rows]


def _session(row: Row, since: Row | None, day: int, state: Row) -> Session:
    # Lighter by plan, or asked for by another day: such a session did not miss this day's target.
    is_of_plan = row["plan_id"] == state["plan_id"]
    is_of_another_day = is_of_plan and row["plan_day"] not in {None, day}
    is_deload = is_of_plan and week_of(state["first_on"], row["local_date"]) in state["deload_weeks"]
    return Session(
        [_logged(one) for one in row["sets"]],
        is_judged=not (is_of_another_day or is_deload),
        is_earlier=since is not None and _is_before(row, since, is_of_plan=is_of_plan),
    )


def _is_before(row: Row, since: Row, *, is_of_plan: bool) -> bool:
    if is_of_plan and row["plan_version"] is not None:
        return bool(row["plan_version"] < since["version"])
    return datetime.fromisoformat(row["logged_at"]) < datetime.fromisoformat(since["at"])


def _logged(row: dict[str, Any]) -> LoggedSet:
    return LoggedSet(
        id=row["id"],
        set_type=SetType(row["set_type"]),
        reps=row["reps"],
        weight_kg=_decimal(row["weight_kg"]),
        duration_seconds=row["duration_seconds"],
        distance_m=_decimal(row["distance_m"]),
        e1rm_kg=_decimal(row["e1rm_kg"]),
    )


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))
