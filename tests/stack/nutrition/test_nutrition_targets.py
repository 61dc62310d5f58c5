"""A day's targets over HTTP."""

from tests.support.nutrition import NUTRITION_DATA, TARGETS, born, known
from tests.support.people import Person, assert_problem, fields_of


async def test_what_a_day_should_have_and_why(ana: Person) -> None:
    await known(ana)
    answer = await ana.get(TARGETS, params={"goal": "lose"})
    assert answer.status_code == 200, answer.text
    targets = answer.json()
    assert (targets["energy_kcal"], targets["protein_g"], targets["goal"]) == (2319, 160.0, "lose")
    assert [step["name"] for step in targets["steps"]] == [
        "resting_energy",
        "energy_kcal",
        "protein_g",
        "fat_g",
        "carbohydrate_g",
    ]
    assert "Mifflin" in targets["steps"][0]["explanation"]


async def test_what_is_missing_is_named(ana: Person) -> None:
    assert fields_of(assert_problem(await ana.get(TARGETS), 422, "validation_failed")) == NUTRITION_DATA


async def test_strangers_and_nonsense(ana: Person, anonymous: Person) -> None:
    assert_problem(await anonymous.get(TARGETS), 401, "unauthenticated")
    assert_problem(await ana.get(TARGETS, params={"goal": "fly"}), 422, "validation_failed")


async def test_small_children_are_told_from_which_age_on(ana: Person) -> None:
    await known(ana)
    assert (await ana.patch("/api/v1/users/me", json={"date_of_birth": born(9)})).status_code == 200
    problem = assert_problem(await ana.get(TARGETS), 422, "validation_failed")
    assert fields_of(problem) == {("profile", "date_of_birth")}
    assert problem["errors"][0]["message"] == "targets are computed from 10 years on"


async def test_an_account_that_is_gone_has_none(ana: Person) -> None:
    assert (await ana.delete("/api/v1/users/me")).status_code == 204
    problem = assert_problem(await ana.get(TARGETS), 401, "unauthenticated")
    assert problem["detail"] == "This account no longer exists."
