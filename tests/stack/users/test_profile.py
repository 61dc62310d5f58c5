"""GET, PATCH and DELETE /users/me on the real stack."""

from tests.support.people import Person, assert_problem, fields_of

ME = "/api/v1/users/me"


async def test_anonymous_gets_no_profile(anonymous: Person) -> None:
    assert_problem(await anonymous.get(ME), 401, "unauthenticated")


async def test_a_new_person_has_a_profile_without_made_up_choices(ana: Person) -> None:
    profile = (await ana.get(ME)).json()
    assert profile["id"] == ana.id
    assert profile["sport"] is None
    assert profile["days_per_week"] is None
    assert profile["affinity_score"] == 0


async def test_a_person_sees_and_changes_only_their_own(ana: Person, bo: Person) -> None:
    changed = await ana.patch(ME, json={"name": "Ana", "timezone": "Europe/Oslo"})
    assert changed.json()["name"] == "Ana"
    theirs = (await bo.get(ME)).json()
    assert theirs["id"] == bo.id
    assert theirs["name"] is None


async def test_bad_input_names_every_field_and_changes_nothing(ana: Person) -> None:
    before = (await ana.get(ME)).json()
    response = await ana.patch(ME, json={"name": "", "days_per_week": "3", "timezone": "EST5", "affinity_score": 9})
    problem = assert_problem(response, 422, "validation_failed")
    assert fields_of(problem) == {
        ("body", "name"),
        ("body", "days_per_week"),
        ("body", "timezone"),
        ("body", "affinity_score"),
    }
    assert (await ana.get(ME)).json() == before
