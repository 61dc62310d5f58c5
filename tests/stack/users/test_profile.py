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


CHECK_INS = {"enabled": True, "max_per_week": 1, "quiet_from": "22:00", "quiet_to": "08:00"}


async def test_check_ins_are_the_persons_to_set(ana: Person, bo: Person) -> None:
    assert (await ana.get(ME)).json()["check_ins"] == CHECK_INS
    for change in ({"max_per_week": 3}, {"quiet_from": "20:30", "quiet_to": "09:15"}, {"enabled": False}):
        assert (await ana.patch(ME, json={"check_ins": change})).json()["check_ins"].items() >= change.items()
    changed = {"enabled": False, "max_per_week": 3, "quiet_from": "20:30", "quiet_to": "09:15"}
    assert (await ana.get(ME)).json()["check_ins"] == changed
    assert (await ana.patch(ME, json={"check_ins": {}})).json()["check_ins"] == changed
    assert (await bo.get(ME)).json()["check_ins"] == CHECK_INS


async def test_bad_check_ins_name_the_field_and_change_nothing(ana: Person) -> None:
    before = (await ana.get(ME)).json()
    for field, values in (
        ("enabled", (1, "yes", None)),
        ("max_per_week", (-1, 8, 1.5, "1", None)),
        ("quiet_from", ("24:00", "8:00", "22:00:30", "22.00", "", 22, None, "22:00\n")),
        ("quiet_to", ("07:60", "noon", None)),
        ("sometimes", (True,)),
    ):
        for value in values:
            answer = await ana.patch(ME, json={"name": "x", "check_ins": {field: value}})
            assert fields_of(assert_problem(answer, 422, "validation_failed")) == {("body", "check_ins", field)}
    assert_problem(await ana.patch(ME, json={"check_ins": None}), 422, "validation_failed")
    assert (await ana.get(ME)).json() == before
