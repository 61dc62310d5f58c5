"""The food library and custom foods."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from src.core.created import created, created_responses
from src.core.errors import Conflict, Forbidden, NotFound, PreconditionFailed
from src.core.etags import CHANGED, TAGGED, ConditionsDep, IfMatch, parse_if_match, row_tag, tagged
from src.core.idempotency import IdempotencyKey
from src.core.limits import SEARCHES, limited_as
from src.core.problems import problems
from src.core.route import api_router
from src.foods.repository import FoodRepo
from src.foods.schemas import Food, FoodPage, FoodQuery, FoodWrite
from src.foods.service import FoodServiceDep

router = api_router("/api/v1/foods", tags=["foods"])


@router.get("", operation_id="listFoods", openapi_extra=limited_as(SEARCHES), response_model=FoodPage, responses=TAGGED)
async def list_foods(
    query: Annotated[FoodQuery, Query()], foods: FoodServiceDep, conditions: ConditionsDep
) -> Response:
    """The library and the caller's own foods; with `q`, the best match first. Nutrients are those of 100 g."""
    return conditions.json(await foods.search(query))


@router.post(
    "",
    operation_id="createFood",
    status_code=201,
    response_model=Food,
    responses=created_responses(Food) | problems(NotFound, Conflict),
)
async def create_food(
    food: FoodWrite, foods: FoodRepo, response: Response, idempotency_key: IdempotencyKey = None
) -> Food:
    """Adds a food of the caller's own, usable at once."""
    row, replayed = await foods.create(food.columns(), idempotency_key)
    created(response, f"/api/v1/foods/{row['id']}", is_new=not replayed)
    return Food.from_row(row)


@router.get("/{food_id}", operation_id="getFood", responses=TAGGED | problems(NotFound))
async def get_food(food_id: UUID, foods: FoodRepo, conditions: ConditionsDep) -> Food:
    """One food, deleted ones that a meal plan uses included."""
    food = Food.from_row(await foods.get(food_id))
    conditions.tag(row_tag(food.updated_at))
    return food


@router.put(
    "/{food_id}",
    operation_id="replaceFood",
    responses=CHANGED | problems(Forbidden, NotFound, Conflict, PreconditionFailed),
)
async def replace_food(
    food_id: UUID, food: FoodWrite, foods: FoodServiceDep, response: Response, if_match: IfMatch = None
) -> Food:
    """Replaces a food of the caller's own."""
    return tagged(await foods.replace(food_id, food, parse_if_match(if_match)), response)


@router.delete("/{food_id}", operation_id="deleteFood", status_code=204, responses=problems(Forbidden, NotFound))
async def delete_food(food_id: UUID, foods: FoodServiceDep) -> None:
    """Deletes a food of the caller's own. One that meal plans use is hidden instead and stays readable."""
    await foods.delete(food_id)
