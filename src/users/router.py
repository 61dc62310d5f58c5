"""A person's own profile and account."""

from fastapi import Response

from src.core.di import PrincipalDep, ServiceGatewayDep
from src.core.etags import TAGGED, ConditionsDep
from src.core.route import api_router
from src.users.repository import UserRepo
from src.users.schemas import User, UserUpdate
from src.users.usage import Usage

router = api_router("/api/v1/users", tags=["users"])


@router.get("/me", operation_id="getProfile", response_model=User, responses=TAGGED)
async def get_profile(users: UserRepo, conditions: ConditionsDep) -> Response:
    """The caller's profile."""
    # Tagged by content: the age changes on a birthday, without a change of the row.
    return conditions.json(User.from_row(await users.get()))


@router.patch("/me", operation_id="updateProfile")
async def update_profile(changes: UserUpdate, users: UserRepo) -> User:
    """Changes the fields that are sent. Stored training data never changes with a preference."""
    sent = changes.changes()
    return User.from_row(await users.update(sent) if sent else await users.get())


@router.get("/me/usage", operation_id="getUsage")
async def get_usage(users: UserRepo) -> Usage:
    """How much the caller has and uses, and how much they may. What a quota has no room for is refused with 409."""
    return await users.usage()


@router.delete("/me", operation_id="deleteAccount", status_code=204)
async def delete_account(principal: PrincipalDep, accounts: ServiceGatewayDep) -> None:
    """Removes the account and everything in it, for good."""
    await accounts.delete_account(principal.id)
